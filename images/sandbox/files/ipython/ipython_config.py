"""What every kernel of the sandbox loads: the answer to `%pip install`, and charts without the web."""

c = get_config()  # noqa: F821
c.InteractiveShellApp.extensions = ["c2c_research.packages", "c2c_research.charts"]
