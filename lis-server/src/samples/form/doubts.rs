//! What is doubtful about a form and is not refused: the goods are taken already, or the label or the sampler is somebody
//! else's. It is kept with the form and shown to whoever receives the sample.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::SamplingForm;
use crate::domain::clock::Moment;
use crate::domain::refusal::Fact;
use crate::samples::shelf_life::{ShelfLife, is_blank};
use crate::samples::words::{DateKind, FormSource};

/// A doubt with the facts of its sentence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Doubt {
    /// The last day on the label is not the one that production date and shelf life give.
    ShelfLifeContradicts { printed: NaiveDate, reckoned: NaiveDate },
    /// The shelf life is no number of days, months or years, and no last day is printed.
    ShelfLifeUnread { shelf_life: String },
    /// The goods were past their last day when they were sampled.
    Expired { last_day: NaiveDate, sampled: NaiveDate },
    /// Nobody of this laboratory has the sampler's name: another body has sampled.
    SamplerUnknown { name: String },
    /// A sampler of this laboratory was not authorized to sample on that day.
    SamplerNotAuthorized { name: String, sampled: NaiveDate },
    /// The same batch was sampled in the same task before.
    BatchSampledBefore { form_no: String },
    /// The position lies outside of the box around the region of the sampled unit.
    OutsideRegion { gps: String, name_zh: String, name_en: String },
    /// There is a box, and the position is no point in decimal degrees.
    PositionUnread { gps: String },
}

impl Doubt {
    pub fn code(&self) -> &'static str {
        match self {
            Self::ShelfLifeContradicts { .. } => "shelf_life_contradicts",
            Self::ShelfLifeUnread { .. } => "shelf_life_unread",
            Self::Expired { .. } => "expired",
            Self::SamplerUnknown { .. } => "sampler_unknown",
            Self::SamplerNotAuthorized { .. } => "sampler_not_authorized",
            Self::BatchSampledBefore { .. } => "batch_sampled_before",
            Self::OutsideRegion { .. } => "outside_region",
            Self::PositionUnread { .. } => "position_unread",
        }
    }

    /// Its sentence.
    pub fn said(&self) -> Fact {
        let key = format!("doubt-{}", self.code().replace('_', "-"));
        match self {
            Self::ShelfLifeContradicts { printed, reckoned } => {
                Fact::sentence(key, [("printed", printed.into()), ("reckoned", reckoned.into())])
            }
            Self::ShelfLifeUnread { shelf_life } => Fact::sentence(key, [("shelf_life", shelf_life.into())]),
            Self::Expired { last_day, sampled } => {
                Fact::sentence(key, [("last_day", last_day.into()), ("sampled", sampled.into())])
            }
            Self::SamplerUnknown { name } => Fact::sentence(key, [("name", name.into())]),
            Self::SamplerNotAuthorized { name, sampled } => {
                Fact::sentence(key, [("name", name.into()), ("sampled", sampled.into())])
            }
            Self::BatchSampledBefore { form_no } => Fact::sentence(key, [("form_no", form_no.into())]),
            Self::OutsideRegion { gps, name_zh, name_en } => {
                let region = Fact::named(name_zh.as_str(), name_en.as_str());
                Fact::sentence(key, [("gps", gps.into()), ("region", region)])
            }
            Self::PositionUnread { gps } => Fact::sentence(key, [("gps", gps.into())]),
        }
    }
}

impl SamplingForm {
    /// The last day of the goods: as printed, else as production date and shelf life give it.
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.expiry_date.or_else(|| self.reckoned_last_day())
    }

    /// A shelf life runs from the making of the goods, not from the day on which a shop bought them.
    fn reckoned_last_day(&self) -> Option<NaiveDate> {
        let produced = self.production_date.filter(|_| self.date_kind != Some(DateKind::Purchased))?;
        ShelfLife::parse(&self.shelf_life)?.ends(produced)
    }

    /// The last day, where the goods were past it when they were sampled. A last day before the production is a slip of the
    /// pen, which is refused as such.
    pub(super) fn past_when_sampled(&self) -> Option<NaiveDate> {
        let sampled = self.sampled_at.map(Moment::date_in_china)?;
        let slip = |day: NaiveDate| self.production_date.is_some_and(|produced| day < produced);
        self.last_day().filter(|day| *day < sampled && !slip(*day))
    }

    /// What is doubtful about the label.
    pub(super) fn doubts_of_label(&self) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        if let (Some(printed), Some(reckoned)) = (self.expiry_date, self.reckoned_last_day()) {
            // Labels that count the day of production as the first end a day earlier.
            let earlier = reckoned.checked_sub_days(Days::new(1));
            if printed != reckoned && Some(printed) != earlier {
                doubts.push(Doubt::ShelfLifeContradicts { printed, reckoned });
            }
        }
        let unread = !is_blank(&self.shelf_life) && ShelfLife::parse(&self.shelf_life).is_none();
        if unread && self.expiry_date.is_none() {
            doubts.push(Doubt::ShelfLifeUnread { shelf_life: self.shelf_life.clone() });
        }
        // On the spot it is refused.
        if let (FormSource::Import, Some(last_day), Some(at)) = (self.source, self.past_when_sampled(), self.sampled_at)
        {
            doubts.push(Doubt::Expired { last_day, sampled: at.date_in_china() });
        }
        doubts
    }
}
