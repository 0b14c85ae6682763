//! The files of an export: a table and a journal for each class.

use std::collections::HashMap;
use std::path::Path;

use super::infer::{self, Links, Property};
use super::literal::Literal;
use super::{Fault, csv, io};

/// One class of the export, as its files have it.
pub struct Table {
    pub name: String,
    pub kind: &'static str,
    pub csv: String,
    pub journal: String,
    pub header: Vec<String>,
    pub properties: Vec<Property>,
    pub id: i64,
    /// Names of the columns, to their place.
    pub places: HashMap<String, usize>,
}

impl Table {
    fn place(&self, name: &str) -> usize {
        self.places.get(name).copied().unwrap_or(usize::MAX)
    }
}

/// A row of a class with its cells at hand.
pub struct Cells<'t> {
    pub table: &'t Table,
    pub row: csv::Row<'t>,
    pub at: usize,
}

impl Cells<'_> {
    pub fn raw(&self, name: &str) -> &str {
        self.row.fields.get(self.table.place(name)).map_or("None", |field| field)
    }

    pub fn get(&self, name: &str) -> Result<Literal, Fault> {
        let fault = |why| Fault::Row { file: format!("{}.csv", self.table.name), row: self.at + 2, why };
        Literal::read(self.raw(name)).map_err(fault)
    }

    pub fn number(&self) -> Result<i64, Fault> {
        self.get("id")?.id().ok_or_else(|| Fault::Row {
            file: format!("{}.csv", self.table.name),
            row: self.at + 2,
            why: "the row has no id".into(),
        })
    }

    pub fn text(&self, name: &str) -> Result<String, Fault> {
        Ok(self.get(name)?.text().unwrap_or_default().to_owned())
    }

    pub fn millis(&self, name: &str) -> Result<i64, Fault> {
        Ok(self.get(name)?.millis().unwrap_or_default())
    }

    pub fn is_retired(&self) -> bool {
        matches!(self.raw("is retired"), "True" | "1")
    }
}

pub fn rows(table: &Table) -> impl Iterator<Item = Cells<'_>> {
    csv::rows(&table.csv).skip(1).enumerate().map(move |(at, row)| Cells { table, row, at })
}

pub fn read_tables(root: &Path) -> Result<Vec<Table>, Fault> {
    if !root.join("issue.csv").is_file() {
        return Err(Fault::NoExport(root.to_owned()));
    }
    let mut names: Vec<String> = std::fs::read_dir(root)
        .map_err(io(root))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".csv").map(str::to_owned))
        .filter(|name| !name.ends_with("-journals"))
        .collect();
    names.sort();
    let read = |name: String| {
        let path = root.join(&name);
        std::fs::read(&path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).map_err(io(&path))
    };
    let mut links = Links::new();
    let mut tables = Vec::new();
    for name in &names {
        let journal_name = format!("{name}-journals.csv");
        let journal = if root.join(&journal_name).is_file() { read(journal_name)? } else { String::new() };
        infer::links(name, &journal, &mut links);
        let csv = read(format!("{name}.csv"))?;
        let header: Vec<String> = csv::rows(&csv)
            .next()
            .map(|row| row.fields.iter().map(|field| field.to_string()).collect())
            .unwrap_or_default();
        let places = header.iter().enumerate().map(|(at, name)| (name.clone(), at)).collect();
        let kind = match name.as_str() {
            "issue" => "issue",
            "msg" => "message",
            "file" => "file",
            "query" => "query",
            "user" => "user",
            _ => "plain",
        };
        tables.push(Table { name: name.clone(), kind, csv, journal, header, properties: vec![], id: 0, places });
    }
    for table in &mut tables {
        table.properties = infer::properties(&table.name, &table.csv, &links, &names);
    }
    Ok(tables)
}
