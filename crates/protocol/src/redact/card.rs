//! Card numbers, and not order numbers that merely pass the check: an issuer's first digits, its
//! length, its groups and the check digit have to agree.

use super::bytes::{DIGIT, is};
use super::{CARD, Redactor};

impl Redactor<'_> {
    /// Replaces the card number that begins here, if one does.
    pub(super) fn card(&mut self, start: usize) {
        let before = self.before(start);
        let is_inside = matches!(before, b'.' | b'-') && is(self.before(start - 1), DIGIT);
        if is_inside || before.is_ascii_alphanumeric() {
            return;
        }
        let mut number = Number::default();
        let mut at = start;
        let mut end = start;
        loop {
            let byte = self.byte(at);
            let is_last = !is(self.byte(at + 1), DIGIT);
            if !is(byte, DIGIT) {
                if number.is_card() && !byte.is_ascii_alphanumeric() && (is_last || byte != b'.') {
                    end = at;
                }
                if is_last || !number.separate(byte) {
                    break;
                }
            } else if !number.push(byte) {
                break;
            }
            at += 1;
        }
        if end > start {
            self.replace(start, end, CARD);
        }
    }
}

/// Whether the whole text is the digits of a card.
pub(crate) fn is_card(text: &str) -> bool {
    let mut number = Number::default();
    for byte in text.as_bytes() {
        if !byte.is_ascii_digit() || !number.push(*byte) {
            return false;
        }
    }
    number.is_card()
}

/// Digits as they are read.
#[derive(Default)]
struct Number {
    /// The first four.
    first: u32,
    count: u32,
    /// Their sum by Luhn, with the last one as it is; and with the last one doubled.
    sum: u32,
    sum_doubled: u32,
    separator: u8,
    /// A bit for each count of digits that a separator followed.
    groups: u32,
}

impl Number {
    /// `false` if there are more than a card has.
    fn push(&mut self, digit: u8) -> bool {
        let digit = u32::from(digit - b'0');
        if self.count < 4 {
            self.first = self.first * 10 + digit;
        }
        self.count += 1;
        let doubled = digit * 2;
        let sum = self.sum_doubled + digit;
        self.sum_doubled = self.sum + if doubled > 9 { doubled - 9 } else { doubled };
        self.sum = sum;
        self.count <= 19
    }

    /// `false` if it is none, or another one than before.
    fn separate(&mut self, separator: u8) -> bool {
        let fits = matches!(separator, b' ' | b'-') && (self.separator == 0 || self.separator == separator);
        self.separator = separator;
        self.groups |= 1 << self.count;
        fits
    }

    fn is_card(&self) -> bool {
        self.count >= 13 && self.sum.is_multiple_of(10) && self.is_grouped() && self.is_issued()
    }

    /// In one piece, in fours, or in the groups of the shorter brands.
    fn is_grouped(&self) -> bool {
        matches!(self.groups, 0 | FOURS | FOURS_AND_MORE | FOUR_SIX)
    }

    fn is_issued(&self) -> bool {
        match self.first {
            4000..=4999 => matches!(self.count, 13 | 16 | 19),
            5100..=5599 | 2221..=2720 => self.count == 16,
            3400..=3499 | 3700..=3799 => self.count == 15,
            3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => self.count == 14,
            3528..=3589 | 6011 | 6440..=6599 | 6200..=6299 => self.count >= 16,
            5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763 => self.count >= 16,
            _ => false,
        }
    }
}

const FOURS: u32 = 1 << 4 | 1 << 8 | 1 << 12;
const FOURS_AND_MORE: u32 = FOURS | 1 << 16;
const FOUR_SIX: u32 = 1 << 4 | 1 << 10;
