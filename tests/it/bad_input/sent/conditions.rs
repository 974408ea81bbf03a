//! The accredited scope, the environment, competence, one's own declaration.

use lis_tests::TestLis;

use super::{LONG, Sent};
use crate::steps::{a_room, a_scope_line, an_excursion};

pub fn sent(lis: &TestLis) -> Vec<Sent> {
    let (line, room, excursion) = (a_scope_line(lis), a_room(lis), an_excursion(lis));
    vec![
        Sent::new("manager", "/scope").with(
            &[
                ("scheme", "CNAS"),
                ("certificate_no", "L0001"),
                ("analytes", "铅;镉"),
                ("method_standard", "GB 5009.268"),
                ("procedure", "第一法"),
                ("food_categories", "蔬菜"),
                ("restrictions", "只测总量"),
                ("valid_from", "2026-01-01"),
                ("valid_until", "2031-12-31"),
            ],
            &[
                ("scheme", ""),
                ("scheme", "CCC"),
                ("certificate_no", ""),
                ("analytes", ""),
                ("analytes", LONG),
                ("method_standard", ""),
                ("valid_from", "2026-02-30"),
                ("valid_until", "2025-12-31"),
            ],
        ),
        Sent::new("manager", format!("/scope/{line}/end")).of("accredited_scope", line),
        Sent::new("manager", "/environment").with(
            &[("code", "B-1"), ("name", "天平室"), ("temperature_least", "15"), ("temperature_most", "25")],
            &[
                ("code", ""),
                ("code", "A-100"),
                ("name", LONG),
                ("temperature_least", "26"),
                ("temperature_most", "1,5"),
                ("humidity_most", "dry"),
                ("limits_from", "2026-02-30"),
                ("recipients", "nobody"),
                ("kind", "cellar"),
                ("places", "A-100"),
            ],
        ),
        Sent::new("manager", format!("/environment/{room}")).of("room", room).with(
            &[("code", "A-100"), ("name", "天平室"), ("humidity_most", "65"), ("methods", "GB 5009.3")],
            &[
                ("code", ""),
                ("name", ""),
                ("humidity_most", "abc"),
                ("methods", LONG),
                ("limits_from", "2026-11-01"),
                ("recipients", "nobody"),
            ],
        ),
        Sent::new("tester2", format!("/environment/{room}/readings")).with(
            &[("read_at", "2026-11-26 08:00"), ("temperature", "20.1"), ("humidity", "45"), ("remark", "空调检修")],
            &[
                ("read_at", ""),
                ("read_at", "yesterday"),
                ("read_at", "2027-01-01 08:00"),
                ("temperature", "warm"),
                ("humidity", "4,5"),
                ("remark", LONG),
            ],
        ),
        Sent::new("manager", "/separations").with(
            &[
                ("from_kind", "high_contamination"),
                ("into_kind", "preparation"),
                ("mode", "warn"),
                ("reason", "共用通风"),
            ],
            &[
                ("from_kind", ""),
                ("from_kind", "cellar"),
                ("into_kind", "high_contamination"),
                ("mode", "perhaps"),
                ("reason", ""),
                ("reason", LONG),
            ],
        ),
        Sent::new("quality", format!("/excursions/{excursion}"))
            .of("room_excursion", excursion)
            .with(&[("handling", "空调检修，样品未受影响")], &[("handling", ""), ("handling", LONG)]),
        Sent::new("quality", "/competence").with(
            &[
                ("person_id", "1"),
                ("kind", "evaluation"),
                ("method_standard", "GB 5009.12"),
                ("performed_on", "2026-11-20"),
                ("performed_by", "技术负责人"),
                ("result", "competent"),
                ("next_due", "2027-11-19"),
                ("remark", "盲样考核"),
            ],
            &[
                ("person_id", ""),
                ("person_id", "0"),
                ("kind", "party"),
                ("performed_on", "2026-12-31"),
                ("performed_by", ""),
                ("result", ""),
                ("result", "good"),
                ("next_due", "2026-11-20"),
            ],
        ),
        Sent::new("tester2", "/declaration").with(&[("agreed", "yes")], &[("agreed", ""), ("agreed", "no")]),
    ]
}
