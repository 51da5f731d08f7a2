//! Local programs as providers: whisper.cpp, pocketsphinx, espeak-ng, piper, …
//!
//! The programs of a [`Pipeline`] run without a shell, one after another, with a temporary folder.
//! They get few variables of the server's environment, and run in process groups of their own. What
//! a failing program wrote to stderr goes to the log, without what was said.

mod error_output;
mod program;

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::Instant;

use super::{
    AudioSender, FIRST_AUDIO_TIMEOUT, ProviderError, Result, SpeechFormat, SpeechToText,
    TextToSpeech, Transcript, circuit_breaker::CircuitBreaker,
    transcription_timeout::transcription_timeout,
};
use crate::{
    domain::{AudioFormat, LanguageTag},
    settings::Pipeline,
};

use error_output::loggable;
use program::{Program, ProgramEnvironment, ProgramFailure, program_name};

const VENDOR: &str = "command";

/// Programs for one stage, either speech to text or text to speech.
pub struct CommandProvider {
    pipeline: Pipeline,
    work_dir: PathBuf,
    timeout: Duration,
    circuit_breaker: CircuitBreaker,
    speech_format: SpeechFormat,
    environment: ProgramEnvironment,
}

#[async_trait]
impl SpeechToText for CommandProvider {
    fn name(&self) -> String {
        self.display_name()
    }

    async fn transcribe(
        &self,
        audio: &Path,
        format: AudioFormat,
        _language: Option<LanguageTag>,
    ) -> Result<Transcript> {
        let folder = self.temporary_folder()?;
        let limit = transcription_timeout(self.timeout, audio, format).await;
        let output = self.run(audio, folder.path(), "txt", limit).await?;
        let bytes = tokio::fs::read(output).await.map_err(unavailable)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Transcript { text, no_speech: false, language: None })
    }
}

#[async_trait]
impl TextToSpeech for CommandProvider {
    fn name(&self) -> String {
        self.display_name()
    }

    fn format(&self) -> Option<AudioFormat> {
        self.speech_format.get()
    }

    /// The whole speech has to be there within the time for its first bytes, which come last.
    async fn synthesize(&self, text: &str, chunks: &AudioSender) -> Result<AudioFormat> {
        let folder = self.temporary_folder()?;
        let input = folder.path().join("input.txt");
        tokio::fs::write(&input, text).await.map_err(unavailable)?;
        let output =
            self.run(&input, folder.path(), "mp3", self.timeout.min(FIRST_AUDIO_TIMEOUT)).await?;
        let bytes = tokio::fs::read(&output).await.map_err(unavailable)?;
        let format = self.speech_format.accept(VENDOR, &bytes)?;
        chunks.send(bytes.into()).ok();
        Ok(format)
    }
}

impl CommandProvider {
    /// Programs that get the variables named in `environment` beside the usual ones.
    pub fn new(
        pipeline: &Pipeline,
        work_dir: &Path,
        timeout_seconds: u64,
        environment: &[String],
    ) -> Self {
        Self {
            pipeline: pipeline.clone(),
            work_dir: work_dir.to_owned(),
            timeout: Duration::from_secs(timeout_seconds),
            circuit_breaker: CircuitBreaker::default(),
            speech_format: SpeechFormat::default(),
            environment: ProgramEnvironment::new(environment),
        }
    }

    fn display_name(&self) -> String {
        let names: Vec<&str> =
            self.pipeline.0.iter().map(|program| program_name(program)).collect();
        format!("command ({})", names.join(", "))
    }

    /// A folder that is deleted on drop, also when the turn is cancelled.
    fn temporary_folder(&self) -> Result<tempfile::TempDir> {
        tempfile::Builder::new().prefix("command-").tempdir_in(&self.work_dir).map_err(unavailable)
    }

    /// Runs all programs within the time `limit`, and returns the last one's output file, whose
    /// name ends in `extension`.
    async fn run(
        &self,
        input: &Path,
        folder: &Path,
        extension: &str,
        limit: Duration,
    ) -> Result<PathBuf> {
        let deadline = Instant::now() + limit;
        let programs = async {
            let (conversation, mut input) = (input, input.to_owned());
            let last = self.pipeline.0.len() - 1;
            for (index, command) in self.pipeline.0.iter().enumerate() {
                // Programs such as ffmpeg derive the format from the name; intermediate files are
                // audio.
                let extension = if index == last { extension } else { "wav" };
                let output = folder.join(format!("output-{index}.{extension}"));
                let environment = &self.environment;
                let program =
                    Program { command, environment, input: &input, output: &output, deadline };
                if let Err(failure) = program.run().await {
                    log_error_output(&program, &failure, conversation).await;
                    return Err(failure.error);
                }
                input = output;
            }
            Ok(input)
        };
        self.circuit_breaker.call(VENDOR, programs).await
    }
}

/// Logs what a program that failed wrote to stderr, without what was said.
async fn log_error_output(program: &Program<'_>, failure: &ProgramFailure, conversation: &Path) {
    let (input, output) = (program.input, program.output);
    if let Some(text) = loggable(&failure.stderr, input, output, conversation).await {
        // Debug: escapes control characters.
        tracing::warn!(program = program.name(), stderr = ?text, "error output of a program");
    }
}

fn unavailable(error: io::Error) -> ProviderError {
    ProviderError::Unavailable { vendor: VENDOR, reason: error.to_string() }
}
