//! Names for users that tell nothing at first sight.

use crate::StreamId;

/// The name under which an app's user leaves the browser instead of `id`: 32 hex digits, the same for
/// the same user of the same app.
///
/// What it protects from: an address or login name that is read in a request, in the storage of a
/// shared computer, or next to the same user's records of another app. What it does not protect from:
/// somebody who guesses. The salt is the name of the app, which is public, so whoever has a list of
/// candidates can make all their pseudonyms and compare. That is why the server keys what it gets
/// once more, with a secret that never leaves its data folder.
pub fn pseudonym(app: &str, id: &str) -> String {
    let salt = siphash128([SALT, SALT], app.as_bytes());
    let hash = siphash128(salt, id.as_bytes());
    StreamId::from_random(u128::from(hash[0]) << 64 | u128::from(hash[1])).to_hex()
}

/// SipHash-2-4 with 128 bits of output, as its authors wrote it down; their test vectors are below.
fn siphash128(key: [u64; 2], bytes: &[u8]) -> [u64; 2] {
    let mut v = [
        key[0] ^ 0x736f_6d65_7073_6575,
        key[1] ^ 0x646f_7261_6e64_6f6d ^ 0xee,
        key[0] ^ 0x6c79_6765_6e65_7261,
        key[1] ^ 0x7465_6462_7974_6573,
    ];
    for chunk in bytes.chunks_exact(8) {
        mix(&mut v, little_endian(chunk));
    }
    let rest = bytes.len() / 8 * 8;
    mix(&mut v, little_endian(&bytes[rest..]) | (bytes.len() as u64) << 56);
    v[2] ^= 0xee;
    let first = finish(&mut v);
    v[1] ^= 0xdd;
    [first, finish(&mut v)]
}

fn mix(v: &mut [u64; 4], word: u64) {
    v[3] ^= word;
    rounds(v, 2);
    v[0] ^= word;
}

fn finish(v: &mut [u64; 4]) -> u64 {
    rounds(v, 4);
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

fn rounds(v: &mut [u64; 4], count: usize) {
    for _ in 0..count {
        v[0] = v[0].wrapping_add(v[1]);
        v[2] = v[2].wrapping_add(v[3]);
        v[1] = v[1].rotate_left(13) ^ v[0];
        v[3] = v[3].rotate_left(16) ^ v[2];
        v[0] = v[0].rotate_left(32);
        v[2] = v[2].wrapping_add(v[1]);
        v[0] = v[0].wrapping_add(v[3]);
        v[1] = v[1].rotate_left(17) ^ v[2];
        v[3] = v[3].rotate_left(21) ^ v[0];
        v[2] = v[2].rotate_left(32);
    }
}

fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Both halves of the key under which the name of an app becomes the salt of its users.
const SALT: u64 = u64::from_le_bytes(*b"beaconry");

#[cfg(test)]
mod tests {
    use super::*;

    /// The key is the bytes 00 to 0f and the input the bytes from 00, as in the reference.
    #[track_caller]
    fn check(length: u8, expected: u128) {
        let key = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];
        let input: Vec<u8> = (0..length).collect();
        let hash = siphash128(key, &input).map(u64::to_le_bytes).concat();
        assert_eq!(hash, expected.to_be_bytes(), "{length} bytes");
    }

    #[test]
    fn the_hash_is_that_of_the_reference() {
        check(0, 0xa381_7f04_ba25_a8e6_6df6_7214_c755_0293);
        check(1, 0xda87_c1d8_6b99_af44_3476_5911_9b22_fc45);
        check(7, 0xa1f1_ebbe_d8db_c153_c0b8_4aa6_1ff0_8239);
        check(8, 0x3b62_a9ba_6258_f561_0f83_e264_f314_97b4);
        check(15, 0x5493_e999_33b0_a811_7e08_ec0f_97cf_c3d9);
        check(16, 0x6ee2_a4ca_67b0_54bb_fd33_15bf_8523_0577);
        check(63, 0x5150_d177_2f50_834a_503e_069a_973f_bd7c);
    }

    #[test]
    fn a_pseudonym_is_of_one_user_of_one_app() {
        let ann = pseudonym("quiz", "ann@example.com");
        assert_eq!(ann.len(), 32);
        assert_eq!(ann, pseudonym("quiz", "ann@example.com"));
        assert_ne!(ann, pseudonym("quiz", "bob@example.com"));
        assert_ne!(ann, pseudonym("shop", "ann@example.com"));
    }
}
