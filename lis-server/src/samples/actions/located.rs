//! The goods were taken within the region that the form names (`records.md` 2, gps), as far as the laboratory has drawn a box
//! around it. A slip of the map or of the region decides who learns of a failing result, so the form says it is doubtful.

use super::super::form::{Doubt, SamplingForm};
use super::super::words::Place;
use crate::accounts::actions::{BoundedRegion, bounded_regions};
use crate::db::Conn;
use crate::domain::position::Point;
use crate::domain::refusal::Outcome;

/// The boxes around the regions that forms name.
pub(super) struct Located(Vec<BoundedRegion>);

impl Located {
    /// One query; none where no form says where it was filled in.
    pub fn of<'f>(conn: &mut Conn, forms: impl Iterator<Item = &'f SamplingForm>) -> Outcome<Self> {
        let regions: Vec<_> = forms.filter(|form| is_told(form)).filter_map(|form| form.unit_region.as_ref()).collect();
        Ok(Self(bounded_regions(conn, &regions)?))
    }

    /// Doubts a form that was filled in outside of its region, by the nearest box: the township's, else the county's.
    pub fn doubt(&self, form: &mut SamplingForm) {
        let Some(region) = form.unit_region.as_ref().filter(|_| is_told(form)) else { return };
        let around = self.0.iter().filter(|bounded| bounded.code.covers(region));
        let Some(nearest) = around.max_by_key(|bounded| bounded.code.as_str().len()) else { return };
        let gps = form.gps.clone();
        match Point::parse(&gps) {
            Some(point) if nearest.bounds.holds(&point) => {}
            Some(_) => {
                let (name_zh, name_en) = (nearest.name_zh.clone(), nearest.name_en.clone());
                form.doubts.push(Doubt::OutsideRegion { gps, name_zh, name_en });
            }
            None => form.doubts.push(Doubt::PositionUnread { gps }),
        }
    }
}

/// What is bought online is taken nowhere in particular.
fn is_told(form: &SamplingForm) -> bool {
    !super::super::shelf_life::is_blank(&form.gps) && form.place != Some(Place::Online)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::decimal::Decimal;
    use crate::domain::identifiers::RegionCode;
    use crate::domain::position::Bounds;
    use crate::samples::form::example;

    fn region(code: &str, [south, west, north, east]: [&str; 4]) -> BoundedRegion {
        let edge = |text: &str| Decimal::parse(text).unwrap();
        let bounds = Bounds { south: edge(south), west: edge(west), north: edge(north), east: edge(east) };
        let name = format!("{code} 区");
        BoundedRegion { code: RegionCode::parse(code).unwrap(), name_zh: name.clone(), name_en: name, bounds }
    }

    #[test]
    fn the_nearest_box_decides() {
        let located = Located(vec![
            region("1310", ["38.4", "116.1", "40.1", "117.3"]),
            region("131081", ["38.98", "116.20", "39.30", "116.80"]),
        ]);
        let doubts = |gps: &str, code: &str, place: Place| {
            let mut form = example();
            (form.gps, form.unit_region, form.place) = (gps.to_owned(), RegionCode::parse(code).ok(), Some(place));
            form.doubts.clear();
            located.doubt(&mut form);
            form.doubts.iter().map(|doubt| doubt.said()).collect::<Vec<_>>()
        };
        let shop = Place::Supermarket;
        let outside = |code: &str| {
            let (gps, name) = ("39.50,116.70".to_owned(), format!("{code} 区"));
            vec![Doubt::OutsideRegion { gps, name_zh: name.clone(), name_en: name }.said()]
        };
        assert!(doubts("39.12,116.39", "131081102", shop).is_empty());
        assert_eq!(doubts("39.50,116.70", "131081102", shop), outside("131081"), "in the city, not in its county");
        assert!(doubts("39.50,116.70", "131026", shop).is_empty(), "of this county the city's box alone is known");
        assert!(doubts("39.50,116.70", "11", shop).is_empty(), "no box, no word");
        for silent in ["", "/"] {
            assert!(doubts(silent, "131081", shop).is_empty());
        }
        assert!(doubts("39.50,116.70", "131081", Place::Online).is_empty());
        assert_eq!(doubts("村口", "131081", shop), [Doubt::PositionUnread { gps: "村口".into() }.said()]);
    }
}
