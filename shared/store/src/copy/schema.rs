//! Which tables and columns a database has, as it says itself.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

/// The table in which the migrations are written down; it is never copied.
const STEPS: &str = "seaql_migrations";
/// The table of the bytes kept by content; it is copied as files.
pub(super) const BLOBS: &str = "blob";

/// A table whose rows are copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// The columns that order its rows.
    pub key: Vec<String>,
}

/// A column that is stored, not derived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Whole,
    Small,
    Real,
    YesNo,
    Text,
    Time,
    Day,
    Bytes,
    Json,
    Uuid,
}

impl Kind {
    /// The kind that a declared type is, in the words of either database.
    fn of(declared: &str) -> Option<Self> {
        let declared = declared.to_ascii_lowercase();
        let word = declared.split('(').next().unwrap_or_default().trim();
        Some(match word {
            "bigint" => Self::Whole,
            "integer" | "smallint" | "int" => Self::Small,
            "double" | "double precision" | "real" | "float" => Self::Real,
            "boolean" => Self::YesNo,
            "text" | "varchar" | "character varying" | "char" | "character" => Self::Text,
            "timestamp_with_timezone_text" | "timestamp with time zone" => Self::Time,
            "date_text" | "date" => Self::Day,
            "blob" | "bytea" | "varbinary_blob" => Self::Bytes,
            "json_text" | "jsonb_text" | "json" | "jsonb" => Self::Json,
            "uuid_text" | "uuid" => Self::Uuid,
            _ => return None,
        })
    }
}

/// The tables whose rows are copied, by name; the blobs are not among them.
pub(super) async fn tables(conn: &impl ConnectionTrait) -> Result<Vec<Table>, DbErr> {
    let backend = conn.get_database_backend();
    let names = match backend {
        DbBackend::Sqlite => {
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' ORDER BY name"
        }
        _ => {
            "SELECT table_name::text AS name FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name"
        }
    };
    let mut tables = vec![];
    for row in conn.query_all_raw(Statement::from_string(backend, names)).await? {
        let name: String = row.try_get_by_index(0)?;
        if !name.starts_with("sqlite_") && name != STEPS && name != BLOBS {
            tables.push(table(conn, name).await?);
        }
    }
    Ok(tables)
}

/// Name, declared type, whether it is stored, and its place in the primary key (0: none).
const SQLITE_COLUMNS: &str =
    "SELECT name, type, CASE WHEN hidden = 0 THEN 1 ELSE 0 END, pk FROM pragma_table_xinfo($1) ORDER BY cid";
const POSTGRES_COLUMNS: &str = "SELECT c.column_name::text, c.data_type::text, \
     CASE WHEN c.is_generated = 'NEVER' THEN 1 ELSE 0 END, COALESCE(k.ordinal_position, 0)::int \
     FROM information_schema.columns c \
     LEFT JOIN information_schema.table_constraints t ON t.table_schema = c.table_schema \
     AND t.table_name = c.table_name AND t.constraint_type = 'PRIMARY KEY' \
     LEFT JOIN information_schema.key_column_usage k ON k.constraint_schema = t.constraint_schema \
     AND k.constraint_name = t.constraint_name AND k.table_name = c.table_name AND k.column_name = c.column_name \
     WHERE c.table_schema = current_schema() AND c.table_name = $1 ORDER BY c.ordinal_position";

async fn table(conn: &impl ConnectionTrait, name: String) -> Result<Table, DbErr> {
    let backend = conn.get_database_backend();
    let sql = if backend == DbBackend::Sqlite { SQLITE_COLUMNS } else { POSTGRES_COLUMNS };
    let (mut columns, mut key) = (vec![], vec![]);
    for row in conn.query_all_raw(Statement::from_sql_and_values(backend, sql, [name.as_str().into()])).await? {
        let (column, declared, stored, place): (String, String, i32, i32) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        if place > 0 {
            key.push((place, column.clone()));
        }
        if stored == 0 {
            continue;
        }
        let kind = Kind::of(&declared).ok_or_else(|| {
            DbErr::Custom(format!("the column {name}.{column} is of the type {declared}, which a backup does not know"))
        })?;
        columns.push(Column { name: column, kind });
    }
    key.sort();
    Ok(Table { name, columns, key: key.into_iter().map(|(_, column)| column).collect() })
}

/// The names of the migrations that the database has taken, oldest first.
pub(super) async fn steps(conn: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let sql = format!("SELECT version FROM {STEPS} ORDER BY version");
    let rows = conn.query_all_raw(Statement::from_string(conn.get_database_backend(), sql)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// A name as SQL: both databases quote with double quotes.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn a_type_is_known_in_the_words_of_both_databases() {
        for (declared, kind) in [
            ("bigint", Kind::Whole),
            ("INTEGER", Kind::Small),
            ("varchar(64)", Kind::Text),
            ("timestamp_with_timezone_text", Kind::Time),
            ("timestamp with time zone", Kind::Time),
            ("bytea", Kind::Bytes),
            ("date_text", Kind::Day),
        ] {
            assert_eq!(Kind::of(declared), Some(kind), "{declared}");
        }
        assert_eq!(Kind::of("tsvector"), None);
    }
}
