//! Pages with examples, from which checks copy what readers would.

use anyhow::{Context, Result};

/// The text of a block of a page, which begins behind a line of three backticks and a name.
pub(crate) fn block(page: &str, name: &str) -> Result<String> {
    let mut lines = page
        .lines()
        .skip_while(|line| !line.starts_with("```") || line.rsplit(' ').next() != Some(name));
    lines.next().with_context(|| format!("the page has no block {name}"))?;
    Ok(lines.take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect())
}
