use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub waiting_key: Option<String>,
    pub payload: String,
    pub state: String,
    pub run_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    #[sea_orm(select_as = "bigint")]
    pub tries: i64,
    pub claimed_until: Option<DateTimeUtc>,
    pub error: String,
    /// The node that runs it.
    pub claimed_by: Option<String>,
    /// Of one key one job runs at a time: an index holds it. None of a job that an older program asked for.
    pub key: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
