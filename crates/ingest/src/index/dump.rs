//! What an index says, as one hash: two that were made in different ways and say the same have the same.

use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

use super::{Index, IndexError};

impl Index {
    /// The hash of every row of every table, in an order that does not depend on how it came to be.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn dump_hash(&self) -> Result<String, IndexError> {
        let tables =
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let mut statement = self.connection.prepare(tables)?;
        let tables = statement.query_map((), |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
        let mut hash = Sha256::new();
        for table in tables {
            hash.update(table.as_bytes());
            self.hash_rows(&table, &mut hash)?;
        }
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn hash_rows(&self, table: &str, hash: &mut Sha256) -> Result<(), IndexError> {
        let columns = self.connection.prepare(&format!("SELECT * FROM {table}"))?.column_count();
        let order: Vec<_> = (1..=columns).map(|column| column.to_string()).collect();
        let rows = format!("SELECT * FROM {table} ORDER BY {}", order.join(", "));
        let mut statement = self.connection.prepare(&rows)?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                hash_value(row.get_ref(column)?, hash);
            }
        }
        Ok(())
    }
}

/// Type and length go before the value, so that no two rows run into the same bytes.
fn hash_value(value: ValueRef<'_>, hash: &mut Sha256) {
    let (kind, bytes) = match value {
        ValueRef::Null => (b'n', Vec::new()),
        ValueRef::Integer(number) => (b'i', number.to_le_bytes().to_vec()),
        ValueRef::Real(number) => (b'r', number.to_le_bytes().to_vec()),
        ValueRef::Text(bytes) => (b't', bytes.to_vec()),
        ValueRef::Blob(bytes) => (b'b', bytes.to_vec()),
    };
    hash.update([kind]);
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}
