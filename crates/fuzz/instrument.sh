#!/bin/sh
# Compiles a crate of ours with counters that the fuzzer reads. Build scripts have no fuzzer to link to.
case " $* " in
  *" --crate-name build_script_build "*) exec "$@" ;;
esac
exec "$@" \
  -Cpasses=sancov-module \
  -Cllvm-args=-sanitizer-coverage-level=4 \
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table \
  -Cllvm-args=-sanitizer-coverage-trace-compares
