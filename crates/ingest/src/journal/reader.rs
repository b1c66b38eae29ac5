//! Reading the committed lines in order, over all segments.

use std::io;

use super::line::Line;
use super::segment::{Found, Segment, read_lines};
use super::{Files, Position};

/// Hands every good line after `position` to `visit`, until it says `false`. Damaged lines were set
/// aside when the journal was opened and are passed over, and so is a segment that was deleted.
///
/// # Errors
/// When a segment that is there cannot be read.
pub fn read_after(
    files: &dyn Files,
    segments: &[Segment],
    position: Position,
    mut visit: impl FnMut(&Line<'_>) -> bool,
) -> io::Result<()> {
    let start = Segment::index_holding(segments, position.n);
    let mut goes_on = true;
    for (index, segment) in segments.iter().enumerate().skip(start.unwrap_or(0)) {
        let begin = if Some(index) == start { position.end() } else { 0 };
        // What a failed write left behind is void; only segments that were recovered are cut for it.
        let next_first = segments.get(index + 1).map(|next| next.name.first);
        let read = read_lines(files, segment.name, begin, segment.length, |found| {
            // A position in a deleted segment says nothing of the places in the others.
            if let Found::Good(line) = found
                && line.n > position.n
                && next_first.is_none_or(|first| line.n < first)
            {
                goes_on = visit(&line);
            }
            goes_on
        });
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            read => read?,
        }
        if !goes_on {
            break;
        }
    }
    Ok(())
}
