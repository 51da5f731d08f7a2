//! Report: findings printed as they come, and counted.

/// Counts of findings.
#[derive(Default)]
pub struct Report {
    pub failures: usize,
    pub warnings: usize,
}

impl Report {
    pub fn ok(&self, finding: &str) {
        println!("ok    {finding}");
    }

    pub fn warn(&mut self, finding: &str, advice: &str) {
        self.warnings += 1;
        println!("warn  {finding}\n      {advice}");
    }

    pub fn fail(&mut self, finding: &str, advice: &str) {
        self.failures += 1;
        println!("FAIL  {finding}\n      {advice}");
    }
}
