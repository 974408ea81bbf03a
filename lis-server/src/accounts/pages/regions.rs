//! Regions as every room's pages show them.

use super::super::store::RegionRow;
use crate::web::Ui;
use crate::web::ui::Choice;

/// Regions to choose from: code and name.
pub fn region_choices(ui: &Ui, regions: &[RegionRow], chosen: &str) -> Vec<Choice> {
    let choice = |region: &RegionRow| Choice {
        label: format!("{} {}", region.code, ui.pick(&region.name_zh, &region.name_en)),
        chosen: region.code == chosen,
        value: region.code.clone(),
    };
    regions.iter().map(choice).collect()
}

/// A region in a list: its name, or its code where it has none.
pub fn region_name(ui: &Ui, regions: &[RegionRow], code: &str) -> String {
    let found = regions.iter().find(|region| region.code == code);
    found.map_or(code, |region| ui.pick(&region.name_zh, &region.name_en)).to_owned()
}
