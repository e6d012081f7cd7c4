"""Images of the sandbox: which packages are asked for and approved, and which image each project keeps."""
