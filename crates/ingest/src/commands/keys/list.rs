//! Keys as a table.

use beaconry_protocol::format_millis;

use crate::keys::KeyKind;
use crate::state::{KeyRow, TokenRow};

/// One line a token, below one line of headings; columns as wide as they need.
pub(super) fn table(keys: &[KeyRow], now: u64) -> String {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(keys.iter().flat_map(|key| lines(key, now)));
    let widths: [usize; HEADINGS.len()] =
        std::array::from_fn(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0));
    let line = |row: &[String; HEADINGS.len()]| {
        let cells: String = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}  ")).collect();
        format!("{}\n", cells.trim_end())
    };
    rows.iter().map(line).collect()
}

fn lines(key: &KeyRow, now: u64) -> Vec<[String; HEADINGS.len()]> {
    let cells = |token: &TokenRow| {
        [
            key.name.clone(),
            key.kind.as_str().to_owned(),
            status(key, token, now),
            token.readable.clone().unwrap_or_else(|| "(secret)".to_owned()),
            origins(key),
            key.types.map_or_else(|| "all".to_owned(), |types| types.names().collect::<Vec<_>>().join(",")),
            key.rate.map_or_else(|| "server's".to_owned(), |rate| format!("{}/s", rate.a_second())),
        ]
    };
    key.tokens.iter().map(cells).collect()
}

fn origins(key: &KeyRow) -> String {
    match &key.origins {
        Some(origins) => origins.join(","),
        None if key.kind == KeyKind::Write => "server's".to_owned(),
        None => "none".to_owned(),
    }
}

fn status(key: &KeyRow, token: &TokenRow, now: u64) -> String {
    if let Some(revoked) = key.revoked_at {
        return format!("revoked {}", format_millis(revoked));
    }
    match [key.expires_at, token.expires_at].into_iter().flatten().min() {
        None => "in use".to_owned(),
        Some(end) if end <= now => format!("ended {}", format_millis(end)),
        Some(end) => format!("until {}", format_millis(end)),
    }
}

const HEADINGS: [&str; 7] = ["NAME", "KIND", "STATUS", "TOKEN", "ORIGINS", "TYPES", "RATE"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::TokenHash;

    #[test]
    fn a_line_a_token_in_columns() {
        let token = |readable: Option<&str>, expires_at| TokenRow {
            hash: TokenHash::of(b""),
            readable: readable.map(str::to_owned),
            created_at: 0,
            expires_at,
        };
        let shop = KeyRow {
            tokens: vec![token(Some("bw_2"), None), token(Some("bw_1"), Some(5_000))],
            ..KeyRow::new("shop", KeyKind::Write, 0)
        };
        let owner = KeyRow { tokens: vec![token(None, None)], ..KeyRow::new("admin", KeyKind::Admin, 0) };
        let expected = "\
NAME   KIND   STATUS                          TOKEN     ORIGINS   TYPES  RATE
shop   write  in use                          bw_2      server's  all    server's
shop   write  until 1970-01-01T00:00:05.000Z  bw_1      server's  all    server's
admin  admin  in use                          (secret)  none      all    server's
";
        assert_eq!(table(&[shop, owner], 1_000), expected);
    }
}
