//! The chart as SVG, drawn on the server in whole tenths of a pixel: bands of one, two and three standard deviations, the
//! mean, each point a link to its worksheet, the rules that hold written above it. Colours come from the style sheet, so
//! that it prints and darkens with the page; shapes and words say the same without colour.

use std::fmt::Write;

use num_traits::{Signed, ToPrimitive, Zero};

use super::points::{JudgedPoint, Limits, border, printed, rule_name};
use crate::judgement::number::{Ratio, whole};
use crate::judgement::westgard::ChartVerdict;

/// Pixels.
const WIDTH: i64 = 960;
const HEIGHT: i64 = 340;
const LEFT: i64 = 90;
const RIGHT: i64 = 20;
const TOP: i64 = 30;
const BOTTOM: i64 = 40;
/// Tenths of a pixel: finer than any screen or printer shows.
const FINE: i64 = 10;

/// Draws points against the newest limits; without limits against a scale of their own values. `title` is read to who cannot see it.
pub fn draw(points: &[JudgedPoint], limits: Option<&Limits>, title: &str) -> String {
    let scale = Scale::of(points, limits);
    let mut svg = format!(
        "<svg class=\"control-chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        escaped(title)
    );
    match limits {
        Some(limits) => bands(&mut svg, &scale, limits),
        None if !points.is_empty() => axis(&mut svg, &scale),
        None => {}
    }
    let places: Vec<(i64, i64)> =
        points.iter().enumerate().map(|(at, one)| (across(at, points.len()), scale.y(&one.point.value))).collect();
    let line: Vec<String> = places.iter().map(|(x, y)| format!("{},{}", pixels(*x), pixels(*y))).collect();
    let _ = write!(svg, "<polyline class=\"line\" points=\"{}\"/>", line.join(" "));
    for (one, (x, y)) in points.iter().zip(places) {
        mark(&mut svg, one, x, y);
    }
    svg + "</svg>"
}

/// From values to tenths of a pixel from the top.
struct Scale {
    low: Ratio,
    span: Ratio,
}

impl Scale {
    fn of(points: &[JudgedPoint], limits: Option<&Limits>) -> Self {
        let mut values: Vec<Ratio> = points.iter().map(|one| one.point.value.clone()).collect();
        if let Some(limits) = limits {
            values.extend([border(limits, -4), border(limits, 4)]);
        }
        let low = values.iter().min().cloned().unwrap_or_default();
        let high = values.iter().max().cloned().unwrap_or_default();
        let span = &high - &low;
        if !span.is_zero() {
            return Self { low, span };
        }
        // All values are the same: they lie in the middle, with a tenth of them to either side.
        let room = if low.is_zero() { whole(1) } else { low.abs() / whole(10) };
        Self { low: low - &room, span: room * whole(2) }
    }

    fn y(&self, value: &Ratio) -> i64 {
        let room = (HEIGHT - TOP - BOTTOM) * FINE;
        let up = (value - &self.low) / &self.span * whole(room);
        (HEIGHT - BOTTOM) * FINE - up.round().to_integer().to_i64().unwrap_or_default()
    }
}

fn across(at: usize, count: usize) -> i64 {
    let room = (WIDTH - LEFT - RIGHT) * FINE;
    let place = i64::try_from(at).unwrap_or_default();
    let steps = i64::try_from(count).unwrap_or(1).max(2) - 1;
    LEFT * FINE + room * place / steps
}

fn pixels(tenths: i64) -> String {
    format!("{}.{}", tenths / FINE, (tenths % FINE).abs())
}

fn bands(svg: &mut String, scale: &Scale, limits: &Limits) {
    let width = WIDTH - LEFT - RIGHT;
    for deviations in [3, 2, 1] {
        let (top, bottom) = (scale.y(&border(limits, deviations)), scale.y(&border(limits, -deviations)));
        let _ = write!(
            svg,
            "<rect class=\"band-{deviations}\" x=\"{LEFT}\" y=\"{}\" width=\"{width}\" height=\"{}\"/>",
            pixels(top),
            pixels(bottom - top)
        );
    }
    for deviations in -3..=3 {
        let value = border(limits, deviations);
        let y = pixels(scale.y(&value));
        let (class, name) = match deviations {
            0 => ("mean", "x̄".to_owned()),
            deviations => ("border", format!("{deviations:+} s")),
        };
        let _ = write!(
            svg,
            "<line class=\"{class}\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\"/>\
             <text class=\"scale\" x=\"{}\" y=\"{y}\">{} · {name}</text>",
            WIDTH - RIGHT,
            LEFT - 6,
            printed(&value)
        );
    }
}

/// The lowest value, the highest and the one between.
fn axis(svg: &mut String, scale: &Scale) {
    for halves in 0..=2 {
        let value = &scale.low + &scale.span * whole(halves) / whole(2);
        let y = pixels(scale.y(&value));
        let _ = write!(
            svg,
            "<line class=\"border\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\"/>\
             <text class=\"scale\" x=\"{}\" y=\"{y}\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 6,
            printed(&value)
        );
    }
}

/// A circle, a triangle for a warning, a square for a rejection.
fn mark(svg: &mut String, one: &JudgedPoint, x: i64, y: i64) {
    /// Half the size of a mark.
    const SIZE: i64 = 45;
    let (left, right, top, bottom) = (pixels(x - SIZE), pixels(x + SIZE), pixels(y - SIZE), pixels(y + SIZE));
    let (class, shape) = match one.verdict {
        ChartVerdict::Accept => {
            ("accept", format!("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"/>", pixels(x), pixels(y), pixels(SIZE)))
        }
        ChartVerdict::Warn => {
            ("warn", format!("<polygon points=\"{},{top} {right},{bottom} {left},{bottom}\"/>", pixels(x)))
        }
        ChartVerdict::Reject => {
            ("reject", format!("<polygon points=\"{left},{top} {right},{top} {right},{bottom} {left},{bottom}\"/>"))
        }
    };
    let rules: Vec<&str> = one.rules.iter().map(|rule| rule_name(*rule)).collect();
    let z = one.z_text().map(|z| format!(" · z {z}")).unwrap_or_default();
    let _ = write!(
        svg,
        "<a class=\"{class}\" href=\"/worksheets/{}\"><title>{} · {}{z} {}</title>{shape}",
        one.point.worksheet,
        escaped(&one.point.worksheet_no),
        one.point.shown,
        rules.join(" ")
    );
    if !rules.is_empty() {
        let _ = write!(
            svg,
            "<text class=\"rule\" x=\"{}\" y=\"{}\">{}</text>",
            pixels(x),
            pixels(y - 2 * SIZE),
            rules.join(" ")
        );
    }
    svg.push_str("</a>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Moment;
    use crate::domain::decimal::Decimal;
    use crate::domain::ids::WorksheetId;
    use crate::quality::charts::points::{Point, judged};
    use crate::quality::charts::rules::RuleSettings;

    fn chart(values: &[&str], title: &str) -> String {
        let number = |text: &str| Decimal::parse(text).unwrap();
        let limits = Limits { version: 1, mean: number("100"), sd: number("5"), count: 20, at: moment(0) };
        draw(&points(values, std::slice::from_ref(&limits)), Some(&limits), title)
    }

    fn moment(second: i64) -> Moment {
        Moment::new(chrono::DateTime::from_timestamp(1_790_000_000 + second, 0).unwrap())
    }

    fn points(values: &[&str], limits: &[Limits]) -> Vec<JudgedPoint> {
        let points = values.iter().zip(1_i64..).map(|(value, place)| Point {
            worksheet: WorksheetId(place),
            worksheet_no: format!("W<{place}>"),
            at: moment(place),
            value: Decimal::parse(value).unwrap().to_ratio(),
            shown: Decimal::parse(value).unwrap(),
        });
        judged(points.collect(), limits, (&RuleSettings::default(), "m"))
    }

    #[test]
    fn points_lie_where_their_values_are_and_lead_to_their_worksheets() {
        let svg = chart(&["100", "111", "120"], "铅 & 加标");
        assert!(svg.contains("aria-label=\"铅 &amp; 加标\""), "{svg}");
        // From 80 to 120 over 270 px: the mean lies in the middle, 120 at the top.
        assert!(svg.contains("<circle cx=\"90.0\" cy=\"165.0\""), "{svg}");
        assert!(svg.contains("href=\"/worksheets/3\""));
        assert!(svg.contains("W&lt;2&gt; · 111 · z 2.2000 1-2s"), "{svg}");
        assert!(svg.contains("<a class=\"warn\"") && svg.contains("<a class=\"reject\""));
        assert!(svg.contains("1-2s 1-3s 2-2s</text>"), "{svg}");
        assert!(svg.contains("110 · +2 s"), "{svg}");
    }

    #[test]
    fn one_point_and_none_are_drawn_too() {
        assert!(chart(&["100"], "x").contains("<circle"));
        assert!(draw(&[], None, "x").ends_with("</svg>"));
        let alone = draw(&points(&["100"], &[]), None, "x");
        // From 90 to 110: the point lies in the middle of its scale.
        assert!(alone.contains("<circle cx=\"90.0\" cy=\"165.0\""), "{alone}");
        assert!(["90", "100", "110"].iter().all(|value| alone.contains(&format!(">{value}</text>"))), "{alone}");
        let two = draw(&points(&["0.02", "0.06"], &[]), None, "x");
        assert!(["0.02", "0.04", "0.06"].iter().all(|value| two.contains(&format!(">{value}</text>"))), "{two}");
    }
}
