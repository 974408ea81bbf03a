//! What this room asks of others, in one place.

use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::region;
use crate::web::Ui;
use crate::web::ui::Choice;

/// Every region: code, name in Chinese, name in English.
pub fn regions(conn: &mut Conn) -> QueryResult<Vec<(String, String, String)>> {
    region::table.order(region::code).select((region::code, region::name_zh, region::name_en)).load(conn)
}

pub fn region_exists(conn: &mut Conn, code: &str) -> QueryResult<bool> {
    Ok(region::table.find(code).count().get_result::<i64>(conn)? == 1)
}

/// The regions to choose from.
pub fn region_choices(ui: &Ui, regions: &[(String, String, String)], chosen: &str) -> Vec<Choice> {
    regions
        .iter()
        .map(|(code, zh, en)| Choice {
            value: code.clone(),
            label: format!("{code} {}", ui.pick(zh, en)),
            chosen: code == chosen,
        })
        .collect()
}
