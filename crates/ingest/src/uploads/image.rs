//! What kind of image some bytes are, by their structure from the first byte to the last.
//!
//! The first bytes alone would let a page of HTML in that begins like a picture. So each format is
//! walked from part to part, and the last part has to end where the bytes end: nothing stands before,
//! behind or between. What stands inside a part that is made for text stays there; it is never served
//! as anything but the image.

/// The formats that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the formats")]
pub enum Image {
    Jpeg,
    Png,
    WebP,
}

impl Image {
    /// The format of these bytes; `None` if they are no whole image of one.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let png = || walk_png(bytes).map(|()| Self::Png);
        let jpeg = || walk_jpeg(bytes).map(|()| Self::Jpeg);
        let webp = || walk_webp(bytes).map(|()| Self::WebP);
        png().or_else(jpeg).or_else(webp)
    }

    /// As a `Content-Type`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }

    /// The end of a file's name.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
        }
    }
}

/// Chunks of length, name, data and checksum: `IHDR` first, some `IDAT`, `IEND` last.
fn walk_png(bytes: &[u8]) -> Option<()> {
    let mut rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let (mut is_first, mut has_data) = (true, false);
    loop {
        let (length, body) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        // The checksum covers the name too.
        let (chunk, behind) = body.split_at_checked(length.checked_add(4)?)?;
        let (checksum, behind) = behind.split_first_chunk()?;
        let (name, data) = chunk.split_first_chunk::<4>()?;
        if crc32fast::hash(chunk) != u32::from_be_bytes(*checksum) || is_first != (name == b"IHDR") {
            return None;
        }
        match name {
            b"IHDR" if data.len() != 13 => return None,
            b"IDAT" => has_data = true,
            b"IEND" => return (has_data && data.is_empty() && behind.is_empty()).then_some(()),
            _ => {}
        }
        (rest, is_first) = (behind, false);
    }
}

/// A RIFF of the length that it says, whose chunks fill it; one of them is a picture.
fn walk_webp(bytes: &[u8]) -> Option<()> {
    let (length, rest) = bytes.strip_prefix(b"RIFF")?.split_first_chunk()?;
    if usize::try_from(u32::from_le_bytes(*length)).ok()? != rest.len() {
        return None;
    }
    let mut rest = rest.strip_prefix(b"WEBP")?;
    let mut has_picture = false;
    while !rest.is_empty() {
        let (name, body) = rest.split_first_chunk::<4>()?;
        let (length, body) = body.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        has_picture |= matches!(name, b"VP8 " | b"VP8L" | b"ANMF") && length > 0;
        // A chunk of an odd length is filled up.
        rest = body.get(length.checked_add(length % 2)?..)?;
    }
    has_picture.then_some(())
}

/// Segments of marker and length; behind one that begins a scan, its data up to the next marker; the
/// end of the image last.
fn walk_jpeg(bytes: &[u8]) -> Option<()> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    let (mut has_frame, mut has_scan) = (false, false);
    loop {
        let (&[0xff, marker], behind) = rest.split_first_chunk()? else { return None };
        match marker {
            // Markers may be filled up in front.
            0xff => rest = &rest[1..],
            0xd9 => return (has_frame && has_scan && behind.is_empty()).then_some(()),
            0xc0..=0xfe if !(0xd0..=0xd8).contains(&marker) => {
                let length = usize::from(u16::from_be_bytes(*behind.first_chunk()?));
                let (_, mut next) = behind.split_at_checked(length.max(2))?;
                has_frame |= matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
                if marker == 0xda {
                    has_scan = true;
                    next = behind_scan(next)?;
                }
                rest = next;
            }
            _ => return None,
        }
    }
}

/// In the data of a scan, 0xff is followed by 0 or by a restart; whatever else follows is a marker.
fn behind_scan(data: &[u8]) -> Option<&[u8]> {
    let is_data = |next: u8| next == 0 || (0xd0..=0xd7).contains(&next);
    let at = data.windows(2).position(|pair| pair[0] == 0xff && !is_data(pair[1]))?;
    data.get(at..)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One white pixel each, as a browser's canvas writes them.
    fn images() -> [(Image, Vec<u8>); 3] {
        [
            (Image::Png, include_bytes!("../../tests/images/pixel.png").to_vec()),
            (Image::WebP, include_bytes!("../../tests/images/pixel.webp").to_vec()),
            (Image::Jpeg, include_bytes!("../../tests/images/pixel.jpeg").to_vec()),
        ]
    }

    #[test]
    fn an_image_is_known_by_its_structure() {
        for (image, bytes) in images() {
            assert_eq!(Image::of(&bytes), Some(image));
        }
    }

    #[test]
    fn no_beginning_of_an_image_is_one_and_none_has_anything_behind_or_before_it() {
        for (image, bytes) in images() {
            for end in 0..bytes.len() {
                assert_eq!(Image::of(&bytes[..end]), None, "{image:?} cut at {end}");
            }
            for more in [&b"\0"[..], b"<script>alert(1)</script>", b"PK\x03\x04"] {
                assert_eq!(Image::of(&[&bytes, more].concat()), None, "{image:?}");
                assert_eq!(Image::of(&[more, &bytes].concat()), None, "{image:?}");
            }
        }
    }

    #[test]
    fn what_only_begins_like_an_image_is_none() {
        let html = b"<!doctype html><script>alert(1)</script>";
        for start in [&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff\xe0", b"RIFF\x20\0\0\0WEBP", b"GIF89a", b""] {
            assert_eq!(Image::of(&[start, html].concat()), None);
        }
        assert_eq!(Image::of(br#"<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>"#), None);
    }

    #[test]
    fn lengths_that_lie_are_no_trouble() {
        for (_, mut bytes) in images() {
            for at in 0..bytes.len() {
                let was = std::mem::replace(&mut bytes[at], 0xff);
                let _ = Image::of(&bytes);
                bytes[at] = was;
            }
        }
        assert_eq!(Image::of(b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR"), None);
        assert_eq!(Image::of(b"\xff\xd8\xff\xe0\0\0\xff\xd9"), None);
    }
}
