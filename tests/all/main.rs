//! Every test that looks at feedsieve from outside.

mod embedded;
mod example;
mod explain;
mod golden;
mod keywords;
mod limits;
mod long;
mod mapped;
mod oracle;
mod product;
mod property;
mod ranges;
mod reload;
mod serialized;
mod surfaces;
mod torn;
mod unsafe_code;
mod urls;
mod vectors;
mod whatwg;
