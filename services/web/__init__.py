"""The portal's pages: thin handlers, view models in, HTML out."""
