//! What was measured, for the eye: a row and a bar for each stage.

use std::io::Write as _;

use console::Style;
use feedsieve::Image;
use indicatif::DecimalBytes;

use super::Told;
use super::rounds::{Row, Spread};
use crate::shown::Shown;
use crate::talk::count;
use crate::terminal;

/// Appends what holds for all feeds.
pub(super) fn heading(to: &mut Vec<u8>, image: &Image, runs: u16, threads: u16) {
    let image = format!(
        "{} of {}",
        count(image.asset_count() as u64, "asset"),
        count(image.participant_count() as u64, "participant")
    );
    let told = match runs {
        1 => "one tells nothing of noise",
        _ => "medians and their range",
    };
    let (runs, threads) = (count(runs.into(), "round"), count(threads.into(), "thread"));
    put(to, &format!("{image}; {threads}, {runs}; {told}"));
}

/// Appends the rows of one feed.
pub(super) fn feed(to: &mut Vec<u8>, told: &Told<'_>) {
    let measured = told.measured;
    let bold = Style::new().bold().force_styling(terminal::has_colours());
    put(to, "");
    put(to, &bold.apply_to(Shown(told.feed)).to_string());
    let part = match measured.bytes < told.feed_bytes {
        true => format!(
            "the first {} of {}",
            DecimalBytes(measured.bytes),
            DecimalBytes(told.feed_bytes)
        ),
        false => DecimalBytes(measured.bytes).to_string(),
    };
    put(
        to,
        &format!(
            "  {}, {part}, {}, {}",
            measured.format.name(),
            count(measured.records, "record"),
            count(measured.hits, "hit")
        ),
    );
    put(to, "  stage               GB/s  Mrecord/s  s/GB (range)             time");
    let bar = bar_width(terminal::width());
    for row in told.figures.rows() {
        put(to, &line(&row, measured.bytes, measured.records, bar));
    }
    let floors = told.figures.all_to_newlines;
    put(
        to,
        &format!(
            "  all takes {} times as long as counting the newlines ({} to {})",
            figure(floors.median),
            figure(floors.lowest),
            figure(floors.highest)
        ),
    );
    notes(to, told);
}

/// Appends what makes the figures say less.
fn notes(to: &mut Vec<u8>, told: &Told<'_>) {
    if told.measured.bytes < SMALL_BYTES {
        put(to, "  small: what a scan costs to begin weighs here; a feed of some MB tells more");
    }
    let Spread { lowest, highest, .. } = told.figures.all;
    if highest > NOISY * lowest {
        let times = figure(highest / lowest);
        put(to, &format!("  noisy: the slowest round took {times} times as long as the fastest;"));
        put(to, "  ratios within this run hold better than rates");
    }
}

/// Below this the start of a scan is a good part of it.
const SMALL_BYTES: u64 = 1_000_000;

/// The slowest round against the fastest.
const NOISY: f64 = 1.2;

fn line(row: &Row, bytes: u64, records: u64, bar_width: usize) -> String {
    let per_second = |count, unit| match row.rate(count) {
        Some(rate) => figure(rate / unit),
        None => "-".to_owned(),
    };
    let per_gb = |seconds: f64| figure(seconds / (bytes as f64 / 1e9));
    let Spread { median, lowest, highest } = row.seconds;
    let seconds = format!("{} ({}..{})", per_gb(median), per_gb(lowest), per_gb(highest));
    let name = match row.key {
        "probe-interpret" => "probe, interpret",
        key => key,
    };
    let (share, bar) = match row.share {
        Some(share) => (format!("{:.0} %", 100.0 * share), bar(share, bar_width)),
        None => ("floor".to_owned(), String::new()),
    };
    let text = format!(
        "  {name:<16}{:>8}{:>11}  {seconds:<23}{share:>6}",
        per_second(bytes, 1e9),
        per_second(records, 1e6),
    );
    if bar.is_empty() {
        return text;
    }
    let cyan = Style::new().cyan().force_styling(terminal::has_colours());
    format!("{text}  {}", cyan.apply_to(bar))
}

/// Columns before the bar, and the one at the edge that some terminals wrap at.
const TEXT_WIDTH: usize = 71;

/// How wide a bar for all of the time is, in a pipe as on the narrowest usual screen.
fn bar_width(screen: Option<usize>) -> usize {
    screen.unwrap_or(80).saturating_sub(TEXT_WIDTH).min(40)
}

/// A bar for a part of the whole, to an eighth of a character.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a bar for the eye"
)]
fn bar(part: f64, width: usize) -> String {
    let eighths = (part.clamp(0.0, 1.0) * 8.0 * width as f64).round() as usize;
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    format!("{}{rest}", "█".repeat(eighths / 8))
}

/// A number with three digits that tell something, at most six characters.
fn figure(value: f64) -> String {
    // A feed of some bytes takes as many seconds a GB as a scan costs to begin.
    let (value, unit) = match value.abs() {
        size if size >= 999_500.0 => (value / 1e6, "M"),
        size if size >= 999.5 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    match value.abs() {
        size if size < 1.0 => format!("{value:.3}{unit}"),
        size if size < 10.0 => format!("{value:.2}{unit}"),
        size if size < 100.0 => format!("{value:.1}{unit}"),
        _ => format!("{value:.0}{unit}"),
    }
}

fn put(to: &mut Vec<u8>, line: &str) {
    writeln!(to, "{line}").expect("memory takes bytes");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_show_parts_of_the_whole() {
        for (part, expected) in [
            (0.0, ""),
            (-0.5, ""),
            (0.03, "▏"),
            (0.5, "██"),
            (0.53, "██▏"),
            (0.97, "███▉"),
            (1.0, "████"),
            (1.5, "████"),
        ] {
            assert_eq!(bar(part, 4), expected, "{part}");
        }
        assert_eq!(bar(1.0, 0), "");
    }

    #[test]
    fn a_row_fits_the_screen_it_is_made_for() {
        let seconds = Spread { median: -0.0004, lowest: -0.12, highest: 0.12 };
        let hidden = Row { key: "probe-interpret", seconds, share: Some(0.0) };
        let all = Row {
            key: "all",
            seconds: Spread { median: 12_345.6, lowest: 12_345.6, highest: 12_345.6 },
            share: Some(1.0),
        };
        for screen in [80, 100] {
            let bar = bar_width(Some(screen));
            for row in [&hidden, &all] {
                let line = line(row, 1_000_000_000, 1_000, bar);
                assert!(console::measure_text_width(&line) < screen, "{line}");
            }
        }
        assert_eq!(bar_width(None), bar_width(Some(80)));
        assert_eq!(bar_width(Some(20)), 0);
        // No rate where the time is less than nothing.
        assert!(line(&hidden, 1_000_000_000, 1_000, 9).contains("  -          -  "));
    }

    #[test]
    fn figures_have_as_many_digits_as_tell_something() {
        for (value, expected) in [
            (0.0, "0.000"),
            (-0.0123, "-0.012"),
            (1.005, "1.00"),
            (12.34, "12.3"),
            (123.4, "123"),
            (999.4, "999"),
            (-2_345.6, "-2.35k"),
            (65_432.1, "65.4k"),
            (1_400_000.0, "1.40M"),
        ] {
            assert_eq!(figure(value), expected);
        }
    }
}
