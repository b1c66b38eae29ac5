//! Reads what the package's `flat.js` writes: one text for all that an app has passed.

use beaconry_protocol::{Context, ContextWriter, Parts, is_json_number, parse_whole, parts};

/// Takes one piece after the other.
pub(super) struct Pieces<'t> {
    parts: Parts<'t>,
}

impl<'t> Pieces<'t> {
    pub(super) const fn of(text: &'t str) -> Self {
        Self { parts: parts(text, 0) }
    }

    /// The letter of the next piece and what it holds.
    fn next(&mut self) -> Option<(u8, &'t str)> {
        let part = self.parts.next()?;
        Some((*part.as_bytes().first()?, part.get(1..)?))
    }

    fn letter(&mut self) -> u8 {
        self.next().map_or(0, |(letter, _)| letter)
    }

    /// A string, if it is one.
    pub(super) fn text(&mut self) -> Option<&'t str> {
        self.next().filter(|(letter, _)| *letter == b's').map(|(_, text)| text)
    }

    /// A number that is finite.
    pub(super) fn number(&mut self) -> Option<&'t str> {
        self.next().filter(|(letter, text)| *letter == b'n' && is_json_number(text)).map(|(_, text)| text)
    }

    /// Whether it is true.
    pub(super) fn boolean(&mut self) -> bool {
        self.letter() == b't'
    }

    /// An id: a text or a number. `Err` for what is none.
    pub(super) fn id(&mut self) -> Result<Option<&'t str>, ()> {
        match self.next() {
            Some((b's' | b'n', text)) => Ok(Some(text)),
            Some((b'-', _)) => Ok(None),
            _ => Err(()),
        }
    }

    /// What is left is a context; `None` if the app gave none.
    pub(super) fn context(mut self, redact_keys: &[String]) -> Option<Context> {
        let mut piece = self.next()?;
        let mut writer = ContextWriter::new(redact_keys);
        // Levels that are left out, and whether the next value is.
        let (mut skipped, mut skips) = (0u32, false);
        loop {
            let (letter, text) = piece;
            let opens = matches!(letter, b'{' | b'[');
            if skipped > 0 {
                skipped = if opens { skipped + 1 } else { skipped - u32::from(letter == b'}') };
            } else if skips {
                (skips, skipped) = (false, u32::from(opens));
            } else {
                match letter {
                    b'k' => skips = !writer.key(text),
                    b'i' => skips = !writer.item(),
                    b'c' => writer.leave_out(parse_whole(text).unwrap_or(0)),
                    b'{' => skipped = u32::from(!writer.open_object()),
                    b'[' => skipped = u32::from(!writer.open_array()),
                    b'}' => writer.close(),
                    b's' => writer.string(text),
                    b't' => writer.boolean(true),
                    b'f' => writer.boolean(false),
                    b'n' => writer.number_text(text),
                    _ => writer.null(),
                }
            }
            match self.next() {
                Some(next) => piece = next,
                None => return writer.finish(),
            }
        }
    }
}
