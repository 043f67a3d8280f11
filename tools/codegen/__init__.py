"""Writes `macrostrike/_generated` from the contracts' own source.

    python -m tools.codegen           writes it (`make build` does)
    python -m tools.codegen --check   fails when it differs (`make lint` does)

Errors, events, structs, enums, constants and EIP-712 types are what the compiler's syntax tree has
of `IMacroStrike` and of contracts/types, with their NatSpec. The result is committed, as a snapshot
of the public interface: a clone can be imported and type-checked without a compiler, an engine's
host can sign with it, and a review sees each name that users import or catch come and go.

Tags of NatSpec that are read here:

- `@custom:group gate, swap` of an error: what it can be caught as (`GateError`, `SwapError`);
- `@custom:remedy` of an error: what to do, the end of its message;
- `@custom:text field` of an error or event: a `bytes32` that holds short text;
- `@custom:word weights uint10[25] lots, Signal signal` of an event: what a word holds, lowest first
  (`[]`: as many as are not zero);
- `@custom:flags Action ACTION_` of a constant: it and those with the prefix are flags;
- `@custom:eip712 MacroStrike 1` of a struct: it is signed, in a domain of this name and version.
"""
