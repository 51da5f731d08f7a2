//! OpenAI, and every server that speaks its language (Ollama, vLLM, whisper.cpp's and Kokoro's servers, …).
//!
//! By async-openai, whose client retries 429, 5xx and failed connections three times with growing pauses. Answers are
//! read into our own small types (its "bring your own types" calls), since its full ones insist on fields that only
//! OpenAI sends.

use std::{future::ready, path::Path, time::Duration};

use async_openai::{
    Client,
    config::{Config, OpenAIConfig},
    error::OpenAIError,
    middleware::{HttpRequestFactory, ReqwestService, retry::OpenAIRetryLayer},
    types::{
        InputSource,
        audio::{
            AudioInput, CreateSpeechRequest, CreateTranscriptionRequest, SpeechModel, SpeechResponseFormat, Voice,
        },
    },
};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use reqwest::Response;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::timeout;
use tower::{ServiceBuilder, ServiceExt, util::BoxCloneSyncService};

use super::{
    Coach, MissingKey, ProviderError, Sound, SpeechToText, Talk, TextToSpeech, Words, breaker::Breaker, prompts,
};
use crate::{
    domain::{AudioFormat, Message, Sender},
    metrics,
    settings::Settings,
};

const VENDOR: &str = "openai";
/// Longest text that its speech endpoint takes, in characters.
const LONGEST_SPEECH: usize = 4096;
/// So many bytes of a file tell its format.
const ENOUGH_TO_TELL: usize = 16;
/// A reply of the coach is about 20 words; what is longer than this many characters is no reply.
const LONGEST_REPLY: usize = 8_000;

pub struct OpenAiSpeechToText {
    server: Server,
    model: String,
}

pub struct OpenAiTextToSpeech {
    server: Server,
    model: String,
    voice: String,
}

pub struct OpenAiCoach {
    server: Server,
    model: String,
    small_model: String,
}

/// One OpenAI-compatible address with its time-out.
struct Server {
    /// The section of the settings that names it.
    name: &'static str,
    client: Client<OpenAIConfig>,
    /// What `client` sends by, for what it has no call of its own for; and what builds such a request.
    http: reqwest::Client,
    service: BoxCloneSyncService<HttpRequestFactory, Response, OpenAIError>,
    patience: Duration,
    breaker: Breaker,
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

/// A piece of a completion that is streamed.
#[derive(Deserialize)]
struct Part {
    choices: Vec<PartChoice>,
}

#[derive(Deserialize)]
struct PartChoice {
    #[serde(default)]
    delta: ChoiceMessage,
    /// Comes with the last piece.
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Choice {
    message: ChoiceMessage,
}

#[derive(Default, Deserialize)]
struct ChoiceMessage {
    content: Option<String>,
}

#[derive(Deserialize)]
struct Transcription {
    text: String,
}

impl Server {
    fn new(
        name: &'static str,
        settings: &Settings,
        http: reqwest::Client,
        base_url: Option<&String>,
        api_key: Option<&SecretString>,
        timeout_seconds: u64,
    ) -> Result<Self, MissingKey> {
        let url = base_url.unwrap_or(&settings.openai.base_url).trim_end_matches('/');
        let key = api_key.or(settings.openai.api_key.as_ref());
        if key.is_none() && url.contains("api.openai.com") {
            return Err(MissingKey { stage: name });
        }
        let config = OpenAIConfig::new()
            .with_api_base(url)
            .with_api_key(key.map(ExposeSecret::expose_secret).unwrap_or_default());
        // What its client is made of by itself, and a count of what is sent.
        let service = ServiceBuilder::new()
            .layer(OpenAIRetryLayer::default())
            .map_request(move |request: HttpRequestFactory| {
                metrics::provider_tried(name);
                request
            })
            .service(ReqwestService::new(http.clone()));
        let service = BoxCloneSyncService::new(service);
        Ok(Self {
            name,
            client: Client::with_config(config).with_http_service(service.clone()),
            http,
            service,
            patience: Duration::from_secs(timeout_seconds),
            breaker: Breaker::default(),
        })
    }

    /// Waits for a call at most as long as the stage may take, all retries included.
    async fn ask<T>(&self, call: impl Future<Output = Result<T, OpenAIError>>) -> Result<T, ProviderError> {
        let bounded = async {
            metrics::provider_called(self.name);
            match timeout(self.patience, call).await {
                Ok(result) => result.map_err(without_vendor_text),
                Err(_) => Err(ProviderError::Unavailable {
                    vendor: VENDOR,
                    reason: format!("no answer within {} s", self.patience.as_secs()),
                }),
            }
        };
        self.breaker.call(VENDOR, bounded).await
    }

    /// Posts JSON, and returns the head of an answer that is no refusal, its body still to come.
    async fn post(&self, path: &str, body: &impl Serialize) -> Result<Response, OpenAIError> {
        let config = self.client.config();
        let request = self
            .http
            .post(config.url(path))
            .headers(config.headers())
            .json(body)
            .build()?;
        let again = move || {
            let request = request.try_clone();
            ready(request.ok_or_else(|| OpenAIError::InvalidArgument("a body that cannot be sent again".into())))
        };
        let response = self.service.clone().oneshot(HttpRequestFactory::new(again)).await?;
        Ok(response.error_for_status()?)
    }

    async fn chat(&self, model: &str, temperature: f32, messages: Vec<Value>) -> Result<String, ProviderError> {
        let request = request(model, temperature, messages);
        let completion: Completion = self.ask(self.client.chat().create_byot(request)).await?;
        let text = completion
            .choices
            .into_iter()
            .next()
            .and_then(|choice| choice.message.content)
            .unwrap_or_default();
        reply_of(&text)
    }
}

fn request(model: &str, temperature: f32, messages: Vec<Value>) -> Value {
    // Built from the decimal text: as an f32, 0.7 would go out as 0.699999988079071.
    let temperature: Value = json!((f64::from(temperature) * 10.0).round() / 10.0);
    json!({ "model": model, "temperature": temperature, "messages": messages })
}

/// What a model wrote, if that can be a reply.
fn reply_of(text: &str) -> Result<String, ProviderError> {
    let text = text.replace('\0', "").trim().to_owned();
    match text.chars().count() {
        0 => Err(unusable("an empty answer")),
        1..=LONGEST_REPLY => Ok(text),
        _ => Err(unusable("an endless answer")),
    }
}

impl OpenAiSpeechToText {
    pub fn new(settings: &Settings, http: reqwest::Client) -> Result<Self, MissingKey> {
        let stage = &settings.speech_to_text;
        Ok(Self {
            server: Server::new(
                "speech_to_text",
                settings,
                http,
                stage.base_url.as_ref(),
                stage.api_key.as_ref(),
                stage.timeout_seconds,
            )?,
            model: stage.model.clone(),
        })
    }
}

#[async_trait]
impl SpeechToText for OpenAiSpeechToText {
    /// The file goes out under its own name, whose extension has to tell the real format.
    async fn transcribe(&self, audio: &Path, _format: AudioFormat) -> Result<String, ProviderError> {
        let request = CreateTranscriptionRequest {
            file: AudioInput {
                source: InputSource::Path { path: audio.to_owned() },
            },
            model: self.model.clone(),
            ..Default::default()
        };
        let transcription: Transcription = self
            .server
            .ask(self.server.client.audio().transcription().create_byot(request))
            .await?;
        Ok(transcription.text)
    }
}

impl OpenAiTextToSpeech {
    pub fn new(settings: &Settings, http: reqwest::Client) -> Result<Self, MissingKey> {
        let stage = &settings.text_to_speech;
        Ok(Self {
            server: Server::new(
                "text_to_speech",
                settings,
                http,
                stage.base_url.as_ref(),
                stage.api_key.as_ref(),
                stage.timeout_seconds,
            )?,
            model: stage.model.clone(),
            voice: stage.voice.clone(),
        })
    }

    fn request(&self, text: &str) -> CreateSpeechRequest {
        CreateSpeechRequest {
            input: text.chars().take(LONGEST_SPEECH).collect(),
            model: SpeechModel::Other(self.model.clone()),
            voice: Voice::Other(self.voice.clone()),
            response_format: Some(SpeechResponseFormat::Mp3),
            ..Default::default()
        }
    }
}

#[async_trait]
impl TextToSpeech for OpenAiTextToSpeech {
    async fn speak(&self, text: &str) -> Result<Bytes, ProviderError> {
        let request = self.request(text);
        let speech = self
            .server
            .ask(self.server.client.audio().speech().create(request))
            .await?;
        if AudioFormat::sniff(&speech.bytes) != Some(AudioFormat::Mp3) {
            return Err(unusable("something else than MP3"));
        }
        Ok(speech.bytes)
    }

    async fn speak_aloud(&self, text: &str, sound: &Sound) -> Result<Bytes, ProviderError> {
        let request = self.request(text);
        let streaming = async {
            let mut response = self.server.post("/audio/speech", &request).await?;
            let (mut speech, mut told) = (BytesMut::new(), 0);
            while let Some(part) = response.chunk().await? {
                speech.extend_from_slice(&part);
                if told == 0 {
                    if speech.len() < ENOUGH_TO_TELL {
                        continue;
                    }
                    if AudioFormat::sniff(&speech) != Some(AudioFormat::Mp3) {
                        return Ok(None);
                    }
                }
                sound.send(Bytes::copy_from_slice(&speech[told..])).ok();
                told = speech.len();
            }
            Ok((told > 0).then(|| speech.freeze()))
        };
        let speech = self.server.ask(streaming).await?;
        speech.ok_or_else(|| unusable("something else than MP3"))
    }
}

impl OpenAiCoach {
    pub fn new(settings: &Settings, http: reqwest::Client) -> Result<Self, MissingKey> {
        let stage = &settings.coach;
        Ok(Self {
            server: Server::new(
                "coach",
                settings,
                http,
                stage.base_url.as_ref(),
                stage.api_key.as_ref(),
                stage.timeout_seconds,
            )?,
            model: stage.model.clone(),
            small_model: stage.small_model.clone(),
        })
    }

    /// What the coach is shown.
    fn conversation(&self, talk: Talk<'_>) -> Vec<Value> {
        let mut messages = vec![json!({ "role": "system", "content": prompts::coach(talk) })];
        messages.extend(talk.lines.iter().map(|line| {
            let role = match line.sender {
                Sender::User => "user",
                Sender::Ai => "assistant",
            };
            json!({ "role": role, "content": line.text })
        }));
        messages.push(json!({ "role": "user", "content": talk.said }));
        messages
    }

    /// Asks the small model about the conversation as a text.
    async fn observe(&self, temperature: f32, system: &str, transcript: String) -> Result<String, ProviderError> {
        let messages = vec![
            json!({ "role": "system", "content": system }),
            json!({ "role": "user", "content": transcript }),
        ];
        self.server.chat(&self.small_model, temperature, messages).await
    }
}

#[async_trait]
impl Coach for OpenAiCoach {
    async fn reply(&self, talk: Talk<'_>) -> Result<String, ProviderError> {
        self.server.chat(&self.model, 0.7, self.conversation(talk)).await
    }

    async fn reply_aloud(&self, talk: Talk<'_>, words: &Words) -> Result<String, ProviderError> {
        let mut request = request(&self.model, 0.7, self.conversation(talk));
        request["stream"] = true.into();
        let server = &self.server;
        let streaming = async {
            let mut parts = server.client.chat().create_stream_byot::<Value, Part>(request).await?;
            let (mut reply, mut finished) = (String::new(), false);
            while let Some(part) = parts.next().await {
                let Some(choice) = part?.choices.into_iter().next() else {
                    continue;
                };
                finished |= choice.finish_reason.is_some();
                let Some(text) = choice.delta.content else {
                    continue;
                };
                let text = text.replace('\0', "");
                reply.push_str(&text);
                // What is no reply is not read to its end.
                if reply.len() > 4 * LONGEST_REPLY {
                    break;
                }
                words.send(text).ok();
            }
            Ok((reply, finished))
        };
        match server.ask(streaming).await? {
            (reply, true) => reply_of(&reply),
            // A connection that ends in the middle looks like an end.
            (_, false) => Err(unusable("an answer that breaks off")),
        }
    }

    async fn made_progress(&self, talk: Talk<'_>) -> Result<bool, ProviderError> {
        let transcript = prompts::transcript(talk.summary, talk.lines, talk.said);
        let answer = self.observe(0.1, prompts::DECISION, transcript).await?;
        Ok(says_yes(&answer))
    }

    async fn sum_up(&self, talk: Talk<'_>) -> Result<String, ProviderError> {
        let transcript = prompts::transcript(talk.summary, talk.lines, talk.said);
        self.observe(0.3, prompts::CLOSING, transcript).await
    }

    async fn merge(&self, summary: &str, lines: &[Message]) -> Result<String, ProviderError> {
        self.observe(0.3, prompts::MERGE, prompts::transcript(summary, lines, ""))
            .await
    }
}

/// Models answer "Yes.", "**Yes**" or "yes, because …" where one word was asked for.
fn says_yes(answer: &str) -> bool {
    answer
        .split(|c: char| !c.is_alphabetic())
        .find(|word| !word.is_empty())
        .is_some_and(|word| word.eq_ignore_ascii_case("yes"))
}

fn unusable(what: &'static str) -> ProviderError {
    ProviderError::Unusable { vendor: VENDOR, what }
}

fn unavailable(reason: &str) -> ProviderError {
    ProviderError::Unavailable {
        vendor: VENDOR,
        reason: reason.to_owned(),
    }
}

fn of_status(status: u16) -> ProviderError {
    match status {
        429 => unavailable("too many requests, or the quota is used up"),
        500.. => unavailable(&format!("status {status}")),
        _ => ProviderError::Refused {
            vendor: VENDOR,
            status: i32::from(status),
        },
    }
}

/// Keeps what kind of failure it was, and drops what the vendor wrote about it.
fn without_vendor_text(error: OpenAIError) -> ProviderError {
    match error {
        OpenAIError::ApiError(response) => of_status(response.status_code.as_u16()),
        OpenAIError::Reqwest(error) if error.status().is_some() => {
            of_status(error.status().map_or(0, |status| status.as_u16()))
        }
        OpenAIError::Reqwest(error) if error.is_connect() => unavailable("no connection"),
        OpenAIError::Reqwest(_) => unavailable("the connection broke"),
        OpenAIError::JSONDeserialize(..) => unusable("an answer that is not what was asked for"),
        OpenAIError::FileReadError(_) => unavailable("the recording could not be read"),
        OpenAIError::FileSaveError(_)
        | OpenAIError::StreamError(_)
        | OpenAIError::InvalidArgument(_)
        | OpenAIError::Boxed(_) => unusable("an unexpected failure of its client"),
    }
}

#[cfg(test)]
mod tests {
    use super::says_yes;

    #[test]
    fn a_yes_is_a_yes_with_or_without_decoration() {
        for yes in ["yes", "Yes.", " YES, because", "**Yes**", "\"yes\""] {
            assert!(says_yes(yes), "{yes}");
        }
        for no in ["no", "No, yes would be too early", "", "yesterday", "not yes"] {
            assert!(!says_yes(no), "{no}");
        }
    }
}
