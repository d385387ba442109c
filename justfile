# Everyday commands: `just` lists them.

# List the recipes.
default:
    @just --list

# Start the demo province; stop it with Ctrl-C.
demo *options:
    cargo run --bin demo -- {{ options }}

# Everything a change must pass.
test:
    bash tests/run

# Faults on purpose, many rounds of each: about two hours.
deep *stories:
    bash tests/deep {{ stories }}

# The same words for every file, and no lint.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo deny check

# How fast it is.
bench *options:
    cargo bench -p shared --features testing {{ options }}

# What the code says of itself, opened in a browser.
docs:
    cargo doc --workspace --no-deps --open

# The worked example of docs/protocol.md, computed and checked again.
protocol-example:
    python3 docs/protocol-example.py
