//! The course of one quantity of a room as SVG, drawn on the server in whole tenths of a pixel: the readings as a line, the
//! limits as borders. The table beside it says the same in words.

use std::fmt::Write;

use num_traits::{ToPrimitive, Zero};

use crate::domain::decimal::Decimal;
use crate::judgement::number::{Ratio, whole};

/// Pixels.
const WIDTH: i64 = 960;
const HEIGHT: i64 = 180;
const LEFT: i64 = 60;
const RIGHT: i64 = 20;
const TOP: i64 = 20;
const BOTTOM: i64 = 20;
/// Tenths of a pixel: finer than any screen or printer shows.
const FINE: i64 = 10;

/// Draws readings, oldest first, with the limits that there are; nothing of no readings. `title` is read to who cannot see
/// it.
pub fn draw(readings: &[Decimal], limits: &[Decimal], title: &str) -> String {
    if readings.is_empty() {
        return String::new();
    }
    let values: Vec<Ratio> = readings.iter().chain(limits).map(Decimal::to_ratio).collect();
    let low = values.iter().min().cloned().unwrap_or_default();
    let span = values.iter().max().cloned().unwrap_or_default() - &low;
    let span = if span.is_zero() { whole(1) } else { span };
    let height = |value: &Ratio| {
        let up = (value - &low) / &span * whole((HEIGHT - TOP - BOTTOM) * FINE);
        (HEIGHT - BOTTOM) * FINE - up.round().to_integer().to_i64().unwrap_or_default()
    };
    let mut svg = format!(
        "<svg class=\"control-chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        escaped(title)
    );
    for limit in limits {
        let y = pixels(height(&limit.to_ratio()));
        let _ = write!(
            svg,
            "<line class=\"border\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\"/>\
             <text class=\"scale\" x=\"{}\" y=\"{y}\">{limit}</text>",
            WIDTH - RIGHT,
            LEFT - 6
        );
    }
    let points: Vec<String> = readings
        .iter()
        .enumerate()
        .map(|(at, value)| format!("{},{}", pixels(across(at, readings.len())), pixels(height(&value.to_ratio()))))
        .collect();
    let _ = write!(svg, "<polyline class=\"line\" points=\"{}\"/>", points.join(" "));
    svg + "</svg>"
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

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_lie_between_the_limits_where_their_values_are() {
        let numbers = |texts: &[&str]| texts.iter().map(|text| Decimal::parse(text).unwrap()).collect::<Vec<_>>();
        let svg = draw(&numbers(&["15", "20.0", "25"]), &numbers(&["15", "25"]), "温度 <B-101>");
        // From 15 to 25 over 140 px: 20 lies in the middle, 70 px above the foot.
        assert!(svg.contains("points=\"60.0,160.0 500.0,90.0 940.0,20.0\""), "{svg}");
        assert!(svg.contains("aria-label=\"温度 &lt;B-101&gt;\"") && svg.contains(">25</text>"), "{svg}");
        assert_eq!(draw(&[], &[], "x"), "");
        assert!(draw(&numbers(&["20"]), &[], "x").contains("points=\"60.0,160.0\""), "one reading, no limit");
    }
}
