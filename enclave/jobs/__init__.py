"""Jobs: a researcher's own notebook that runs in a sandbox of its own, and goes on without browser and lab.

A **job** executes one notebook of a member's workspace (or of `/shared`) by papermill, with the project's extract and
no network; the executed copy comes into `jobs/` of the workspace. The control zone knows where a job stands and never
what it computes: parameters are short plain values that the researcher typed, ends are sentences of ours.
"""
