//! The fuzzer: runs the target that `BEACONRY_FUZZ_TARGET` names.
#![no_main]

use std::sync::LazyLock;

use beaconry_fuzz::{Target, target};

libfuzzer_sys::fuzz_target!(|data: &[u8]| TARGET(data));

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("BEACONRY_FUZZ_TARGET").unwrap_or_default();
    target(&name).unwrap_or_else(|| panic!("BEACONRY_FUZZ_TARGET: takes the name of a target, got {name:?}"))
});
