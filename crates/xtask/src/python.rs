//! `cargo xtask python`: the wheel built into an environment of its own, and its checks.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::install;

/// What `cargo xtask python` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What pytest is given, such as `-k spark`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pytest: Vec<String>,
}

/// Builds the package and runs its tests; installs what that needs below `target/python`.
pub(crate) fn run(args: &Args) -> Result<()> {
    let shop = Workshop::new()?;
    shop.environment()?;
    shop.step("maturin develop", shop.maturin())?;
    // The tests compare with the command, and this is the one that they run.
    shop.step("build the command", shop.cargo(&["build", "--locked", "-p", "feedsieve-cli"]))?;
    shop.step("mypy", shop.python(&["-m", "mypy", "--cache-dir", "../../target/python/mypy"]))?;
    // Compares the stub with what there is at run time; the rest has its types in its own text.
    let stubtest = ["-m", "mypy.stubtest", "--mypy-config-file", "pyproject.toml"];
    shop.step("stubtest", shop.python(&[&stubtest[..], &["feedsieve._native"]].concat()))?;
    let mut pytest = shop.python(&["-m", "pytest"]);
    pytest.args(&args.pytest);
    shop.step("pytest", pytest)
}

/// What makes environments, which Debian's Python leaves out.
const VENV: (&str, &str) = ("python3-venv", "/usr/share/doc/python3-venv");

/// Java that Spark starts, where there is none.
const JAVA: (&str, &str) = ("openjdk-17-jre-headless", "/usr/bin/java");

struct Workshop {
    root: PathBuf,
    package: PathBuf,
    folder: PathBuf,
}

impl Workshop {
    fn new() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .nth(2)
            .context("crates/xtask has no repository around it")?
            .to_path_buf();
        let (package, folder) = (root.join("crates/python"), root.join("target/python"));
        std::fs::create_dir_all(&folder)?;
        Ok(Self { root, package, folder })
    }

    /// Python with the packages of `requirements.txt`, and Java.
    fn environment(&self) -> Result<()> {
        install::debian(JAVA.0, Path::new(JAVA.1))?;
        let interpreter = self.folder.join("venv/bin/python");
        if !interpreter.is_file() {
            println!("+ python3 -m venv");
            if install::output(Command::new("python3").args(["-c", "import ensurepip"])).is_err() {
                install::debian(VENV.0, Path::new(VENV.1))?;
            }
            let venv = self.folder.join("venv");
            install::output(Command::new("python3").args(["-m", "venv"]).arg(venv))?;
        }
        // What is there already costs a second.
        let mut pip = self.python(&["-m", "pip", "install", "--quiet"]);
        pip.args(["--disable-pip-version-check", "-r", "requirements.txt"]);
        install::output(&mut pip).map(drop)
    }

    fn python(&self, words: &[&str]) -> Command {
        let mut python = Command::new(self.folder.join("venv/bin/python"));
        python.args(words).current_dir(&self.package);
        python.env("FEEDSIEVE", self.root.join("target/debug/feedsieve"));
        python
    }

    fn cargo(&self, words: &[&str]) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(words).current_dir(&self.root);
        cargo
    }

    /// In the profile of the tests, so that most of what it needs is built already.
    fn maturin(&self) -> Command {
        let mut maturin = Command::new(self.folder.join("venv/bin/maturin"));
        maturin.args(["develop", "--locked", "--quiet"]).current_dir(&self.package);
        maturin.env("VIRTUAL_ENV", self.folder.join("venv")).env_remove("CONDA_PREFIX");
        maturin
    }

    fn step(&self, name: &str, mut command: Command) -> Result<()> {
        println!("+ {name}");
        let begin = Instant::now();
        let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
        if !status.success() {
            anyhow::bail!("{name} failed ({status})");
        }
        println!("  {:.1} s", begin.elapsed().as_secs_f64());
        Ok(())
    }
}
