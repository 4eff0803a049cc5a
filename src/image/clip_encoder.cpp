#include "clip_encoder.h"

#include <algorithm>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

#include "tha4/base/error.h"

namespace tha4 {
namespace {

struct FreeContext {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct FreeFormat {
  void operator()(AVFormatContext* format) const {
    if (format->pb != nullptr) avio_closep(&format->pb);
    avformat_free_context(format);
  }
};
struct FreeFrame {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct FreePacket {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct FreeScaler {
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};
using Codec = std::unique_ptr<AVCodecContext, FreeContext>;

/// Keeps FFmpeg from writing to the standard error stream; failures are found by what its functions return.
class QuietFfmpeg {
 public:
  QuietFfmpeg() : level_(av_log_get_level()) { av_log_set_level(AV_LOG_QUIET); }
  ~QuietFfmpeg() { av_log_set_level(level_); }
  QuietFfmpeg(const QuietFfmpeg&) = delete;
  QuietFfmpeg& operator=(const QuietFfmpeg&) = delete;

 private:
  int level_;
};

/// The codec of \p name, opened; none if FFmpeg lacks it or it does not work here.
Codec open_codec(const char* name, int width, int height, double fps, bool has_global_header) {
  constexpr int kLargestRate = 1'000'000;
  const AVCodec* const found = avcodec_find_encoder_by_name(name);
  if (found == nullptr) return nullptr;
  Codec codec(avcodec_alloc_context3(found));
  codec->width = width;
  codec->height = height;
  codec->framerate = av_d2q(fps, kLargestRate);
  // MPEG-4 counts ticks of a second by 16 bits.
  if (found->id == AV_CODEC_ID_MPEG4) codec->framerate = av_d2q(fps, 60'000);
  codec->time_base = av_inv_q(codec->framerate);
  codec->pix_fmt = AV_PIX_FMT_YUV420P;
  codec->colorspace = AVCOL_SPC_BT709;
  codec->color_primaries = AVCOL_PRI_BT709;
  codec->color_trc = AVCOL_TRC_BT709;
  codec->color_range = AVCOL_RANGE_MPEG;
  codec->chroma_sample_location = AVCHROMA_LOC_LEFT;
  if (found->id == AV_CODEC_ID_MPEG4) {
    codec->flags |= AV_CODEC_FLAG_QSCALE;
    codec->global_quality = 3 * FF_QP2LAMBDA;
  } else if (av_opt_set(codec->priv_data, "crf", "20", 0) < 0) {
    codec->bit_rate = static_cast<std::int64_t>(width) * height * 8;
  }
  if (has_global_header) codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  return avcodec_open2(codec.get(), found, nullptr) < 0 ? nullptr : std::move(codec);
}

}  // namespace

struct ClipEncoder::Streams {
  std::unique_ptr<AVFormatContext, FreeFormat> format;
  Codec codec;
  AVStream* stream = nullptr;
  std::unique_ptr<SwsContext, FreeScaler> scaler;
  std::unique_ptr<AVFrame, FreeFrame> frame{av_frame_alloc()};
  std::unique_ptr<AVPacket, FreePacket> packet{av_packet_alloc()};
  std::int64_t frames = 0;

  bool prepare_frame() {
    frame->format = codec->pix_fmt;
    frame->width = codec->width;
    frame->height = codec->height;
    frame->colorspace = codec->colorspace;
    frame->color_range = codec->color_range;
    frame->color_primaries = codec->color_primaries;
    frame->color_trc = codec->color_trc;
    scaler.reset(sws_getContext(codec->width, codec->height, AV_PIX_FMT_RGBA, codec->width, codec->height,
                                codec->pix_fmt, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nullptr,
                                nullptr, nullptr));
    if (!scaler || av_frame_get_buffer(frame.get(), 0) < 0) return false;
    constexpr int kOne = 1 << 16;
    const int* const bt709 = sws_getCoefficients(SWS_CS_ITU709);
    return sws_setColorspaceDetails(scaler.get(), bt709, /*srcRange=*/1, bt709, /*dstRange=*/0, 0, kOne,
                                    kOne) >= 0;
  }

  /// Gives \p sent, null at the end, to the codec and writes what comes out.
  bool encode(const AVFrame* sent) {
    if (avcodec_send_frame(codec.get(), sent) < 0) return false;
    while (true) {
      const int result = avcodec_receive_packet(codec.get(), packet.get());
      if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) return true;
      if (result < 0) return false;
      packet->stream_index = stream->index;
      if (packet->duration == 0) packet->duration = 1;
      av_packet_rescale_ts(packet.get(), codec->time_base, stream->time_base);
      if (av_interleaved_write_frame(format.get(), packet.get()) < 0) return false;
    }
  }
};

ClipEncoder::ClipEncoder(const std::filesystem::path& file, const std::filesystem::path& unfinished,
                         int width, int height, double fps, std::span<const char* const> encoders)
    : name_(file.string()) {
  const QuietFfmpeg quiet;
  auto streams = std::make_unique<Streams>();
  AVFormatContext* format = nullptr;
  avformat_alloc_output_context2(&format, nullptr, "mp4", unfinished.c_str());
  if (format != nullptr) {
    streams->format.reset(format);
    const bool has_global_header = (format->oformat->flags & AVFMT_GLOBALHEADER) != 0;
    for (const char* name : encoders) {
      if ((streams->codec = open_codec(name, width, height, fps, has_global_header))) break;
    }
  }
  if (!streams->codec) {
    throw InputError(
        "cannot write " + name_ +
        ": there is no encoder for .mp4; install FFmpeg's libraries with one (Debian and Ubuntu: "
        "libavcodec-extra), or write a folder of PNG frames instead");
  }
  streams->stream = avformat_new_stream(format, nullptr);
  const bool is_open =
      streams->stream != nullptr && streams->prepare_frame() &&
      avcodec_parameters_from_context(streams->stream->codecpar, streams->codec.get()) >= 0 &&
      avio_open(&format->pb, unfinished.c_str(), AVIO_FLAG_WRITE) >= 0;
  if (!is_open) throw Error("cannot write " + name_ + ": is the folder read-only?");
  streams->stream->time_base = streams->codec->time_base;
  streams->stream->avg_frame_rate = streams->codec->framerate;
  if (avformat_write_header(format, nullptr) < 0)
    throw Error("cannot write " + name_ + ": is the disk full?");
  streams_ = std::move(streams);
}

ClipEncoder::~ClipEncoder() = default;

bool ClipEncoder::works(std::span<const char* const> encoders) {
  const QuietFfmpeg quiet;
  return std::any_of(encoders.begin(), encoders.end(),
                     [](const char* name) { return open_codec(name, 64, 64, 24, true) != nullptr; });
}

void ClipEncoder::add(const std::uint8_t* rgba) {
  const QuietFfmpeg quiet;
  AVFrame* const frame = streams_->frame.get();
  const int stride = 4 * frame->width;
  const bool is_written = av_frame_make_writable(frame) >= 0 &&
                          sws_scale(streams_->scaler.get(), &rgba, &stride, 0, frame->height, frame->data,
                                    frame->linesize) == frame->height;
  frame->pts = streams_->frames++;
  if (!is_written || !streams_->encode(frame)) throw Error("cannot write " + name_ + ": is the disk full?");
}

void ClipEncoder::finish() {
  const QuietFfmpeg quiet;
  const std::unique_ptr<Streams> streams = std::move(streams_);
  const bool is_written = streams->encode(nullptr) && av_write_trailer(streams->format.get()) >= 0 &&
                          avio_closep(&streams->format->pb) >= 0;
  if (!is_written) throw Error("cannot write " + name_ + ": is the disk full?");
}

}  // namespace tha4
