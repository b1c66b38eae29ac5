//! Small bodies that become large.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::Target;
use crate::support::{Request, error_of};

const LARGE: usize = 64 * 1024 * 1024;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// Nine megabytes of spaces in br.
const BROTLI: [u8; 27] = [
    0xcb, 0xff, 0xff, 0x3f, 0xf8, 0x25, 0x40, 0xe2, 0xb1, 0x40, 0x20, 0xf7, 0xfe, 0xaf, 0xfe, 0xff, 0x1f,
    0xbf, 0x04, 0x40, 0x1c, 0x16, 0x01, 0xe8, 0xde, 0x3f, 0x00,
];

#[test]
fn every_bomb_is_cut_in_every_layer_and_takes_no_memory() {
    let target = Target::new("attack-bombs");
    let spaces = vec![b' '; LARGE];
    let bombs = [
        (Some("gzip"), gzip(&spaces)),
        (None, gzip(&spaces)),
        (Some("deflate"), zlib(&spaces)),
        (Some("deflate"), deflate(&spaces)),
        (Some("zstd"), zstd(&spaces)),
        (Some("br"), BROTLI.to_vec()),
        (Some("gzip, gzip"), gzip(&gzip(&spaces))),
        (Some("gzip, zstd"), zstd(&gzip(&spaces))),
        (Some("br, gzip"), gzip(&BROTLI)),
        (Some("zstd, br, gzip, br"), BROTLI.to_vec()),
        // Nothing at all, in ten million members.
        (Some("gzip, gzip"), gzip(&gzip(b"").repeat(600_000))),
    ];
    target.server.get("/api/health");
    let before = target.server.peak_memory();
    for _ in 0..3 {
        for (encoding, bomb) in &bombs {
            assert!(bomb.len() < 1024 * 1024);
            let request = Request::batch(bomb.clone());
            let reply = target.server.send(&match encoding {
                Some(encoding) => request.header("Content-Encoding", encoding),
                None => request.header("Content-Type", "text/plain"),
            });
            let code = (reply.status, error_of(&reply.json()).to_owned());
            let refused = [(413, "too_large".to_owned()), (415, "unsupported_encoding".to_owned())];
            assert!(refused.contains(&code), "{encoding:?} {code:?}");
        }
    }
    let growth = target.server.peak_memory() - before;
    assert!(growth < 96 * 1024, "{growth} KiB");
    target.assert_unharmed(0);
}
