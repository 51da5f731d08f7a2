//! Local programs as providers: whisper.cpp, pocketsphinx, espeak-ng, piper, …
//!
//! The programs of a [`Pipeline`] run without a shell, one after another, in a temporary folder.

use std::{
    io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use async_trait::async_trait;
use tokio::{process::Command, time::timeout};

use super::{
    AudioSender, ProviderError, Result, SpeechFormat, SpeechToText, TextToSpeech, Transcript,
    circuit_breaker::CircuitBreaker, transcription_timeout::transcription_timeout,
};
use crate::{
    domain::{AudioFormat, LanguageTag},
    settings::Pipeline,
};

const VENDOR: &str = "command";

/// Programs for one stage, either speech to text or text to speech.
pub struct CommandProvider {
    pipeline: Pipeline,
    work_dir: PathBuf,
    timeout: Duration,
    circuit_breaker: CircuitBreaker,
    speech_format: SpeechFormat,
}

impl Pipeline {
    /// Names of the programs, for display.
    pub(super) fn names(&self) -> String {
        let names: Vec<&str> = self
            .0
            .iter()
            .filter_map(|program| Path::new(program.first()?).file_name()?.to_str())
            .collect();
        names.join(", ")
    }
}

#[async_trait]
impl SpeechToText for CommandProvider {
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
    fn format(&self) -> Option<AudioFormat> {
        self.speech_format.get()
    }

    async fn synthesize(&self, text: &str, chunks: &AudioSender) -> Result<AudioFormat> {
        let folder = self.temporary_folder()?;
        let input = folder.path().join("input.txt");
        tokio::fs::write(&input, text).await.map_err(unavailable)?;
        let output = self.run(&input, folder.path(), "mp3", self.timeout).await?;
        let bytes = tokio::fs::read(&output).await.map_err(unavailable)?;
        let format = self.speech_format.accept(VENDOR, &bytes)?;
        chunks.send(bytes.into()).ok();
        Ok(format)
    }
}

impl CommandProvider {
    pub fn new(pipeline: &Pipeline, work_dir: &Path, timeout_seconds: u64) -> Self {
        Self {
            pipeline: pipeline.clone(),
            work_dir: work_dir.to_owned(),
            timeout: Duration::from_secs(timeout_seconds),
            circuit_breaker: CircuitBreaker::default(),
            speech_format: SpeechFormat::default(),
        }
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
        let programs = async {
            let mut input = input.to_owned();
            let last = self.pipeline.0.len() - 1;
            for (index, program) in self.pipeline.0.iter().enumerate() {
                // Programs such as ffmpeg derive the format from the name; intermediate files are
                // audio.
                let extension = if index == last { extension } else { "wav" };
                let output = folder.join(format!("output-{index}.{extension}"));
                run_program(program, &input, &output).await?;
                input = output;
            }
            Ok(input)
        };
        let call = async {
            timeout(limit, programs).await.unwrap_or_else(|_| {
                Err(ProviderError::Unavailable {
                    vendor: VENDOR,
                    reason: format!("time-out after {} s", limit.as_secs()),
                })
            })
        };
        self.circuit_breaker.call(VENDOR, call).await
    }
}

async fn run_program(program: &[String], input: &Path, output: &Path) -> Result<()> {
    let fill = |argument: &String| {
        argument
            .replace("{input}", &input.to_string_lossy())
            .replace("{output}", &output.to_string_lossy())
    };
    let writes_file = program.iter().any(|argument| argument.contains("{output}"));
    let stdout = if writes_file {
        Stdio::null()
    } else {
        Stdio::from(std::fs::File::create(output).map_err(unavailable)?)
    };
    let status = Command::new(fill(&program[0]))
        .args(program[1..].iter().map(fill))
        // Secrets that a speech program does not need.
        .env_remove("DATABASE_URL")
        .env_remove("OPENAI_API_KEY")
        .stdin(Stdio::null())
        .stdout(stdout)
        // Error output may quote the conversation.
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await
        .map_err(unavailable)?;
    if status.success() {
        return Ok(());
    }
    Err(ProviderError::Refused {
        vendor: VENDOR,
        status: status.code().unwrap_or(-1),
        reason: "a program failed".into(),
    })
}

fn unavailable(error: io::Error) -> ProviderError {
    ProviderError::Unavailable { vendor: VENDOR, reason: error.to_string() }
}
