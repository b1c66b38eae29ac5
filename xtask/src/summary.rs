//! Reads how many tests passed and failed from what the test runners print.
//!
//! Understood are the closing lines of cargo's runner and wasm-bindgen's (`test result: …`), of node's runner and
//! of vitest. A run without such a line has no counts, and that is a failure for whoever asks.

use std::fmt;
use std::ops::AddAssign;

/// How a run of tests ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Tests that held.
    pub(crate) passed: u64,
    /// Tests that did not.
    pub(crate) failed: u64,
    /// Tests that were not run.
    pub(crate) skipped: u64,
}

impl Counts {
    /// The sum over all closing lines in an output; `None` when there is none.
    pub(crate) fn in_output(output: &str) -> Option<Self> {
        let mut sum = None;
        for line in output.lines() {
            let line = without_colour(line);
            if let Some(counts) = of_line(line.trim()) {
                *sum.get_or_insert_with(Self::default) += counts;
            }
        }
        sum
    }

    /// Whether any test ran; one that was skipped did not.
    pub(crate) fn has_run(self) -> bool {
        self.passed + self.failed > 0
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

fn of_line(line: &str) -> Option<Counts> {
    of_cargo(line).or_else(|| of_vitest(line)).or_else(|| of_node(line))
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; …`
fn of_cargo(line: &str) -> Option<Counts> {
    let result = line.strip_prefix("test result: ")?;
    let (_, numbers) = result.split_once(". ")?;
    Some(numbered(numbers.split(';')))
}

/// `Tests  1 failed | 2 passed (3)`
fn of_vitest(line: &str) -> Option<Counts> {
    let numbers = line.strip_prefix("Tests ")?;
    Some(numbered(numbers.split('|')))
}

/// `ℹ pass 3` or, in TAP, `# pass 3`; one line for each kind.
fn of_node(line: &str) -> Option<Counts> {
    let mut words = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# "))?.split(' ');
    let (kind, number) = (words.next()?, words.next()?.parse().ok()?);
    if words.next().is_some() {
        return None;
    }
    match kind {
        "pass" => Some(Counts { passed: number, ..Counts::default() }),
        "fail" | "cancelled" => Some(Counts { failed: number, ..Counts::default() }),
        "skipped" | "todo" => Some(Counts { skipped: number, ..Counts::default() }),
        _ => None,
    }
}

/// Pairs such as `3 passed`, in any order; other pairs are not counted.
fn numbered<'a>(pairs: impl Iterator<Item = &'a str>) -> Counts {
    let mut counts = Counts::default();
    for pair in pairs {
        let mut words = pair.split_whitespace();
        let Some(number) = words.next().and_then(|number| number.parse::<u64>().ok()) else { continue };
        match words.next() {
            Some("passed") => counts.passed += number,
            Some("failed") => counts.failed += number,
            Some("ignored" | "skipped" | "todo") => counts.skipped += number,
            _ => {}
        }
    }
    counts
}

fn without_colour(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(output: &str, passed: u64, failed: u64, skipped: u64) {
        assert_eq!(Counts::in_output(output), Some(Counts { passed, failed, skipped }), "{output}");
    }

    #[test]
    fn cargo_and_wasm_bindgen_are_summed_over_all_binaries() {
        check(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s\n\
             test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 filtered out; finished in 1.00s\n",
            5,
            1,
            1,
        );
    }

    #[test]
    fn node_is_read_in_both_of_its_forms_and_a_cancelled_test_has_failed() {
        check(
            "ℹ tests 4\nℹ pass 2\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\nℹ todo 0\nℹ duration_ms 95.1",
            2,
            2,
            0,
        );
        check("# tests 1\n# pass 1\n# fail 0\n# skipped 0", 1, 0, 0);
    }

    #[test]
    fn vitest_is_read_through_its_colours_and_files_are_not_tests() {
        check(
            " Test Files  1 passed (1)\n \u{1b}[2m     Tests \u{1b}[22m 1 failed | 2 passed (3)\n",
            2,
            1,
            0,
        );
    }

    #[test]
    fn an_output_without_a_closing_line_has_no_counts() {
        assert_eq!(Counts::in_output("running 3 tests\nSegmentation fault"), None);
        assert_eq!(Counts::in_output("# a heading\n# pass the salt 3"), None);
    }

    #[test]
    fn skipped_tests_are_only_named_when_there_are_some() {
        assert_eq!(Counts { passed: 3, failed: 0, skipped: 0 }.to_string(), "3 passed, 0 failed");
        assert_eq!(Counts { passed: 3, failed: 0, skipped: 2 }.to_string(), "3 passed, 0 failed, 2 skipped");
    }
}
