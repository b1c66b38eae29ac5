//! The last things that happened, for whoever has to understand a seed that fails.

use std::collections::VecDeque;

use beaconry::engine::Millis;

/// A list of lines, kept only if somebody wants it.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    lines: VecDeque<String>,
    keeps: usize,
}

impl Trace {
    /// Keeps the last so many lines.
    pub(crate) fn keeping(keeps: usize) -> Self {
        Self { lines: VecDeque::new(), keeps }
    }

    /// Notes what happened; the line is made only if it is kept.
    pub(crate) fn note(&mut self, since_start: Millis, line: impl FnOnce() -> String) {
        if self.keeps == 0 {
            return;
        }
        if self.lines.len() == self.keeps {
            self.lines.pop_front();
        }
        let line = line();
        self.lines.push_back(format!("{since_start:>10} ms  {}", beaconry_protocol::cut(&line, LINE_BYTES)));
    }

    pub(crate) fn into_lines(self) -> Vec<String> {
        self.lines.into()
    }
}

const LINE_BYTES: usize = 220;
