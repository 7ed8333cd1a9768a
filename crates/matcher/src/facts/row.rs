//! The fields of a row beside one another, under the names of their columns.

use super::{Beside, Fact, Facts, JudgedNames};

/// A row of which the fields that may say a fact were looked at.
#[derive(Debug, Default)]
pub(crate) struct Row(Beside);

impl Row {
    /// Takes the text of a column for the fact that it was judged to hold.
    pub(crate) fn offer(&mut self, said: (Fact, usize), name: &str, text: &str) {
        self.0.offer(said, name, text);
    }

    /// The facts beside what stands in the column called `name`.
    pub(super) fn facts(&self, name: &str, is_addr: bool, names: &mut JudgedNames) -> Facts {
        let port = names.port_of(&self.0.ports, name);
        Facts { port, side: names.side(name, is_addr), ..self.0.facts.clone() }
    }
}
