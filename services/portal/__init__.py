"""The portal's process: one application on two listeners."""
