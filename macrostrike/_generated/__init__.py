"""Written by `make build` from the contracts. See `tools.codegen`."""
