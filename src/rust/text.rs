//! What formats itself, as text.

use std::fmt::{Arguments, Write};

use beaconry_protocol::limits;

/// The text of a value of the app: no longer than what a field takes, and as far as it got where its
/// own formatting gives up, where `to_string` would panic.
pub(super) fn text(value: Arguments<'_>) -> String {
    let mut text = Bounded(String::new());
    let _ = text.write_fmt(value);
    text.0
}

struct Bounded(String);

impl Write for Bounded {
    fn write_str(&mut self, more: &str) -> std::fmt::Result {
        self.0.push_str(more);
        // What goes beyond is cut, and marked, when the record is written.
        if self.0.len() <= limits::MESSAGE_BYTES { Ok(()) } else { Err(std::fmt::Error) }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::{Display, Error, Formatter};

    use super::*;

    struct GivesUp;

    impl Display for GivesUp {
        fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
            f.write_str("so far")?;
            Err(Error)
        }
    }

    struct Endless;

    impl Display for Endless {
        fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
            loop {
                f.write_str("on and on, ")?;
            }
        }
    }

    #[test]
    fn what_gives_up_is_kept_as_far_as_it_got() {
        assert_eq!(text(format_args!("{GivesUp}")), "so far");
    }

    #[test]
    fn what_never_ends_is_ended() {
        let length = text(format_args!("{Endless}")).len();
        assert!((limits::MESSAGE_BYTES..limits::MESSAGE_BYTES + 100).contains(&length), "{length}");
    }
}
