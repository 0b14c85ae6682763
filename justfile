# Shorthands; everything here is an ordinary command.
serve:
    cargo run --release -- serve
test:
    ops/test
fast:
    ops/test --fast
