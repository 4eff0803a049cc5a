#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tha4/image/rgba_image.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
}

namespace tha4::test {

/// What a player shows of a clip, which goes by the tags of its colours. (OpenCV's reader does not.)
struct ReadClip {
  std::vector<RgbaImage> frames;
  AVColorSpace space = AVCOL_SPC_UNSPECIFIED;
  AVColorPrimaries primaries = AVCOL_PRI_UNSPECIFIED;
  AVColorTransferCharacteristic transfer = AVCOL_TRC_UNSPECIFIED;
  AVColorRange range = AVCOL_RANGE_UNSPECIFIED;
};

inline RgbaImage shown_frame(const AVFrame& frame) {
  RgbaImage image(frame.width, frame.height);
  SwsContext* const scaler = sws_getContext(
      frame.width, frame.height, static_cast<AVPixelFormat>(frame.format), frame.width, frame.height,
      AV_PIX_FMT_RGBA, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nullptr, nullptr, nullptr);
  // Untagged clips of this size are BT.601 to players.
  const int* const matrix =
      sws_getCoefficients(frame.colorspace == AVCOL_SPC_BT709 ? SWS_CS_ITU709 : SWS_CS_ITU601);
  sws_setColorspaceDetails(scaler, matrix, frame.color_range == AVCOL_RANGE_JPEG ? 1 : 0, matrix, 1, 0,
                           1 << 16, 1 << 16);
  std::uint8_t* const pixels = image.pixels.data();
  const int stride = 4 * frame.width;
  sws_scale(scaler, frame.data, frame.linesize, 0, frame.height, &pixels, &stride);
  sws_freeContext(scaler);
  return image;
}

inline ReadClip read_clip(const std::filesystem::path& file) {
  ReadClip clip;
  AVFormatContext* format = nullptr;
  if (avformat_open_input(&format, file.c_str(), nullptr, nullptr) < 0) return clip;
  avformat_find_stream_info(format, nullptr);
  AVCodecParameters* const parameters = format->streams[0]->codecpar;
  AVCodecContext* codec = avcodec_alloc_context3(avcodec_find_decoder(parameters->codec_id));
  avcodec_parameters_to_context(codec, parameters);
  avcodec_open2(codec, codec->codec, nullptr);
  AVFrame* frame = av_frame_alloc();
  AVPacket* packet = av_packet_alloc();
  for (bool is_over = false; !is_over;) {
    is_over = av_read_frame(format, packet) < 0;
    avcodec_send_packet(codec, is_over ? nullptr : packet);
    av_packet_unref(packet);
    while (avcodec_receive_frame(codec, frame) >= 0) {
      if (frame->colorspace == AVCOL_SPC_UNSPECIFIED) frame->colorspace = parameters->color_space;
      clip.frames.push_back(shown_frame(*frame));
    }
  }
  clip.space = parameters->color_space;
  clip.primaries = parameters->color_primaries;
  clip.transfer = parameters->color_trc;
  clip.range = parameters->color_range;
  av_packet_free(&packet);
  av_frame_free(&frame);
  avcodec_free_context(&codec);
  avformat_close_input(&format);
  return clip;
}

}  // namespace tha4::test
