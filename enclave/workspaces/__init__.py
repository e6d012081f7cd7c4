"""Workspaces of projects: the size of their labs, snapshots, sealing, and the certificate when all is destroyed.

A **workspace** is a member's own; the **shared folder** is the members'. A **snapshot** is an encrypted copy of one
workspace at a moment, kept until newer ones push it out. A project that may not be worked on is **sealed**.
"""
