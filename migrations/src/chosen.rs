//! Some of the steps: those that a backup had taken.

use sea_orm::{DatabaseTransaction, DbErr};
use sea_orm_migration::{MigrationTrait, MigratorTraitSelf};

/// Takes just the steps of these names.
pub async fn up_to(connection: &DatabaseTransaction, names: &[String]) -> Result<(), DbErr> {
    Chosen(names).up(connection, None).await
}

struct Chosen<'a>(&'a [String]);

impl MigratorTraitSelf for Chosen<'_> {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        let all = <crate::Migrator as sea_orm_migration::MigratorTrait>::migrations();
        all.into_iter().filter(|step| self.0.iter().any(|name| name == step.name())).collect()
    }
}
