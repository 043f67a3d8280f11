"""Machine-checked properties of the real libraries: `make prove`."""
