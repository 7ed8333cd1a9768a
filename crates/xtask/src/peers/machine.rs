//! Where and from what a record was made.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// What stands beside every figure.
pub(super) struct Machine {
    pub(super) date: String,
    /// The commit, with `+` where files of ours differ from it.
    pub(super) commit: String,
    pub(super) cpu: String,
    pub(super) slug: String,
}

impl Machine {
    pub(super) fn look(root: &Path) -> Result<Self> {
        let said = |program: &str, args: &[&str]| {
            let output = Command::new(program).args(args).current_dir(root).output();
            let output = output.with_context(|| format!("cannot start {program}"))?;
            if !output.status.success() {
                bail!("{program} {}: {}", args.join(" "), output.status);
            }
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        let mut commit = said("git", &["rev-parse", "--short=10", "HEAD"])?;
        let ours = ["status", "--porcelain", "--", "crates", "benches/src", "Cargo.lock"];
        if !said("git", &ours)?.is_empty() {
            commit.push('+');
        }
        let (cpu, slug) = name_cpu(&fs::read_to_string("/proc/cpuinfo").unwrap_or_default());
        Ok(Self { date: said("date", &["-u", "+%F"])?, commit, cpu, slug })
    }

    /// Where the record goes, from the repository's root.
    pub(super) fn record_path(&self) -> PathBuf {
        Path::new("benches/record").join(&self.slug).join(format!("{}.csv", self.date))
    }
}

/// The CPU for people and as a name of a folder, from `/proc/cpuinfo`.
///
/// Virtual machines hide the model behind a name such as "Intel Xeon Processor", so
/// family and model number stand behind it.
fn name_cpu(cpuinfo: &str) -> (String, String) {
    let value = |wanted: &str| {
        cpuinfo.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim() == wanted).then(|| value.trim())
        })
    };
    let name = value("model name").unwrap_or("unknown CPU").replace("(R)", "").replace("(TM)", "");
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let numbers = match (value("cpu family"), value("model")) {
        (Some(family), Some(model)) => format!("{family}-{model}"),
        _ => String::new(),
    };
    let cores = cpuinfo.lines().filter(|line| line.starts_with("processor")).count();
    let slug: String = format!("{name} {numbers}")
        .to_ascii_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    let numbers = if numbers.is_empty() { numbers } else { format!(" ({numbers})") };
    (format!("{name}{numbers}, {cores} cores"), slug)
}

#[cfg(test)]
mod tests {
    use super::name_cpu;

    #[test]
    fn cpus_have_a_name_that_can_be_a_folder() {
        let info = "processor\t: 0\ncpu family\t: 6\nmodel\t\t: 207\n\
                    model name\t: Intel(R) Xeon(R)  Processor @ 2.30GHz\nprocessor\t: 1\n";
        let (cpu, slug) = name_cpu(info);
        assert_eq!(cpu, "Intel Xeon Processor @ 2.30GHz (6-207), 2 cores");
        assert_eq!(slug, "intel-xeon-processor-2-30ghz-6-207");
    }

    #[test]
    fn a_machine_that_tells_nothing_has_a_name_too() {
        assert_eq!(name_cpu("").1, "unknown-cpu");
    }
}
