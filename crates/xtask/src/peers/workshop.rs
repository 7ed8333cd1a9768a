//! Where rivals are installed and run: folders under `target/peers`, and commands.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use wait4::Wait4;

use crate::install;

/// The folders, and how a run is confined.
pub(super) struct Workshop {
    root: PathBuf,
    folder: PathBuf,
    cpu: usize,
    limit_seconds: u64,
}

/// What one run of a program took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) wall: Duration,
    /// User and system time of the process and its children.
    pub(super) cpu: Duration,
    pub(super) peak_bytes: u64,
}

impl Workshop {
    pub(super) fn new(cpu: Option<usize>, limit_seconds: u64) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .nth(2)
            .context("crates/xtask has no repository around it")?
            .to_path_buf();
        let folder = root.join("target/peers");
        fs::create_dir_all(folder.join("bin"))?;
        let cpus = std::thread::available_parallelism()?.get();
        Ok(Self { root, folder, cpu: cpu.unwrap_or(cpus - 1), limit_seconds })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// `target/peers/NAME`.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Runs `command` on the one CPU, its standard output in the file `out`.
    ///
    /// A file and not /dev/null: programs of grep's family stop at the first
    /// match when they see that nobody reads.
    pub(super) fn time(&self, command: &[OsString], out: &Path) -> Result<Run> {
        let output = File::create(out).with_context(|| format!("{}", out.display()))?;
        let errors_path = self.path("stderr");
        let errors = File::create(&errors_path)?;
        let errors_of_child = errors.try_clone()?;
        let begin = Instant::now();
        let mut child = Command::new("timeout")
            .arg(self.limit_seconds.to_string())
            .args(["taskset", "-c"])
            .arg(self.cpu.to_string())
            .args(command)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors_of_child)
            .spawn()
            .context("cannot start `timeout` of coreutils")?;
        let used = child.wait4()?;
        let wall = begin.elapsed();
        match used.status.code() {
            Some(0) => {}
            // As grep has it, 1 says that nothing was found; a program that has more to
            // say has failed.
            Some(1) if errors.metadata()?.len() == 0 => {}
            Some(124) => bail!("took longer than {} s", self.limit_seconds),
            _ => {
                let errors = fs::read(&errors_path)?;
                bail!("{}: {}", used.status, install::last_line(&errors));
            }
        }
        let cpu = used.rusage.utime + used.rusage.stime;
        Ok(Run { wall, cpu, peak_bytes: used.rusage.maxrss })
    }

    /// Runs a command that has to succeed; what it printed.
    pub(super) fn output(&self, command: &mut Command) -> Result<String> {
        install::output(command.current_dir(&self.root))
    }

    /// The first line that a command prints, which is where programs tell their version.
    pub(super) fn version(&self, command: &mut Command) -> Result<String> {
        let output = self.output(command)?;
        output.lines().next().map(str::to_owned).context("it does not tell its version")
    }

    /// Brings a program of crates.io, built in the release that we know how to call.
    pub(super) fn cargo_install(
        &self,
        name: &str,
        version: &str,
        program: &str,
    ) -> Result<PathBuf> {
        let path = self.folder.join("bin").join(program);
        if !path.is_file() {
            let mut cargo = install::from_crates_io(name, version);
            cargo.arg("--root").arg(&self.folder).env("CARGO_TARGET_DIR", self.path("build"));
            self.output(&mut cargo)?;
        }
        Ok(path)
    }

    /// Builds a program of this repository.
    pub(super) fn cargo_build(&self, package: &str, program: &str) -> Result<PathBuf> {
        println!("+ cargo build --release -p {package} --bin {program}");
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet", "--release", "--locked", "-j1", "-p", package]);
        // Its own folder, so that other builds of the same checkout do not
        // replace a program between two runs.
        cargo.args(["--bin", program, "--target-dir"]).arg(self.path("ours"));
        self.output(&mut cargo)?;
        Ok(self.path("ours/release").join(program))
    }
}
