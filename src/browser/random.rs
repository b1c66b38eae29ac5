//! Randomness from the browser, once at the start.

use beaconry_protocol::StreamId;
use wasm_bindgen::JsCast as _;

use super::global::global;

/// A new stream id.
pub(crate) fn stream_id() -> StreamId {
    StreamId::from_random((u128::from(random_bits()) << 64) | u128::from(random_bits()))
}

/// 64 random bits; from `Math.random` where there is no `crypto`.
pub(crate) fn random_bits() -> u64 {
    let mut bytes = [0u8; 8];
    let crypto = global("crypto");
    let is_filled = crypto.is_object()
        && crypto.unchecked_into::<web_sys::Crypto>().get_random_values_with_u8_array(&mut bytes).is_ok();
    if !is_filled {
        bytes.fill_with(|| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 255")]
            {
                (js_sys::Math::random() * 256.0) as u8
            }
        });
    }
    u64::from_le_bytes(bytes)
}
