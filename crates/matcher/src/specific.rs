//! Of one indicator, the most specific asset of each participant.
//!
//! Assets come in the order of specificity, so the first that a participant has is
//! its longest. A record may hold several indicators, and each is judged alone: a
//! machine in one of a participant's networks does not hide a machine in another.

/// Which participants an indicator was given to already.
#[derive(Debug, Default)]
pub(crate) struct MostSpecific {
    /// Participants, by index, and whether what they were given is withheld.
    given: Vec<(u32, bool)>,
}

impl MostSpecific {
    /// Begins with the next indicator.
    pub(crate) fn begin(&mut self) {
        self.given.clear();
    }

    /// Whether the next asset is the most specific of this participant so far.
    ///
    /// What is withheld as local space hides nothing but what would be withheld as well.
    pub(crate) fn takes(&mut self, participant: u32, is_withheld: bool) -> bool {
        let hides =
            |&(known, withheld): &(u32, bool)| known == participant && (!withheld || is_withheld);
        let is_first = !self.given.iter().any(hides);
        if is_first {
            self.given.push((participant, is_withheld));
        }
        is_first
    }
}
