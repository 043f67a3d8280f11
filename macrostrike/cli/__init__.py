"""Ape glue and every table for people."""
