//! The journal as it is on disk now, read without changing anything: by a process that does not own
//! it, perhaps while another one writes.

use std::io;

use crate::journal::{Files, Line, Position, Segment, list_segments, read_after};

/// The segments on disk, each with all that is in its file. What stands after the last whole line of
/// one is no line to [`read_between`].
pub(crate) fn snapshot(files: &dyn Files) -> io::Result<Vec<Segment>> {
    list_segments(files)
}

/// Hands every good line after `after` and up to `last` to `visit` until it says `false`. A segment
/// ends where the next one begins, whatever a failed write left in it beyond.
pub(crate) fn read_between(
    files: &dyn Files,
    segments: &[Segment],
    after: u64,
    last: u64,
    mut visit: impl FnMut(&Segment, &Line<'_>) -> bool,
) -> io::Result<()> {
    let mut goes_on = true;
    for (index, segment) in segments.iter().enumerate() {
        let next = segments.get(index + 1).map_or(u64::MAX, |next| next.name.first);
        if next <= after + 1 {
            continue;
        }
        let before = Position { n: segment.name.first - 1, ..Position::default() };
        read_after(files, std::slice::from_ref(segment), before, |line| {
            if line.n >= next || line.n > last {
                return false;
            }
            if line.n > after {
                goes_on = visit(segment, line);
            }
            goes_on
        })?;
        if !goes_on {
            break;
        }
    }
    Ok(())
}

/// The number of the last good line; 0 if there is none.
pub(crate) fn last_n(files: &dyn Files, segments: &[Segment]) -> io::Result<u64> {
    let Some(last) = segments.last() else { return Ok(0) };
    let mut n = last.name.first - 1;
    read_between(files, segments, n, u64::MAX, |_, line| {
        n = line.n;
        true
    })?;
    Ok(n)
}
