// What the page's processor calculates, compiled to WebAssembly by scripts/build_page_kernel.sh: nothing here
// is part of the library. It takes no memory of its own; who calls says where everything lies.

#include <wasm_simd128.h>

using Byte = unsigned char;
using Short = short;

namespace {

v128_t load(const float* place) {
  return wasm_v128_load(place);
}

void add_to(v128_t& sum, v128_t a, v128_t b) {
  sum = wasm_f32x4_add(sum, wasm_f32x4_mul(a, b));
}

float sum_of(v128_t four) {
  return wasm_f32x4_extract_lane(four, 0) + wasm_f32x4_extract_lane(four, 1) +
         wasm_f32x4_extract_lane(four, 2) + wasm_f32x4_extract_lane(four, 3);
}

/// sin(2 pi turns), within 1e-7: the nearest whole number of turns is taken off, and the rest folded to a
/// quarter.
v128_t sine(v128_t turns) {
  const v128_t rest = wasm_f32x4_sub(turns, wasm_f32x4_nearest(turns));
  const v128_t half = wasm_v128_or(wasm_f32x4_splat(0.5F), wasm_v128_and(rest, wasm_f32x4_splat(-0.0F)));
  const v128_t is_outer = wasm_f32x4_gt(wasm_f32x4_abs(rest), wasm_f32x4_splat(0.25F));
  const v128_t x = wasm_v128_bitselect(wasm_f32x4_sub(half, rest), rest, is_outer);
  const v128_t z = wasm_f32x4_mul(x, x);
  v128_t value = wasm_f32x4_splat(-15.0946426F);
  constexpr float kFactors[] = {42.0586940F, -76.7058598F, 81.6052493F, -41.3417022F, 6.28318531F};
  for (const float factor : kFactors) {
    value = wasm_f32x4_add(wasm_f32x4_mul(value, z), wasm_f32x4_splat(factor));
  }
  return wasm_f32x4_mul(value, x);
}

/// Where a pixel lies between cells of an axis.
struct Sample {
  int cell;
  int next;
  float fraction;
};

Sample sample_of(float coordinate, int size) {
  const float largest = static_cast<float>(size - 1);
  const float inside = coordinate > 0 ? (coordinate < largest ? coordinate : largest) : 0;  // not a number: 0
  const int cell = static_cast<int>(inside);
  return {cell, cell + 1 < size ? cell + 1 : cell, inside - static_cast<float>(cell)};
}

v128_t mix(v128_t a, v128_t b, float fraction) {
  return wasm_f32x4_add(a, wasm_f32x4_mul(wasm_f32x4_sub(b, a), wasm_f32x4_splat(fraction)));
}

/// Four channels at a place of a map of [size][size][4].
v128_t sample_map(const float* map, int size, const Sample& x, const Sample& y) {
  const float* const above = map + static_cast<long>(y.cell) * size * 4;
  const float* const below = map + static_cast<long>(y.next) * size * 4;
  return mix(mix(load(above + x.cell * 4), load(above + x.next * 4), x.fraction),
             mix(load(below + x.cell * 4), load(below + x.next * 4), x.fraction), y.fraction);
}

/// A row between rows of a map of [size][size][4], to every other four of \p row.
void mix_rows(float* row, const float* map, const Sample& y, int size) {
  const float* const above = map + static_cast<long>(y.cell) * size * 4;
  const float* const below = map + static_cast<long>(y.next) * size * 4;
  for (int x = 0; x < size; ++x) {
    wasm_v128_store(row + 8 * x, mix(load(above + 4 * x), load(below + 4 * x), y.fraction));
  }
}

/// The tables by which linear light becomes the nearest 8-bit level of sRGB.
struct SrgbTables {
  const float* next;  ///< [256], where the next level begins
  const Byte* first;  ///< [4097], the level at the start of each bin
};

Byte level_of(float linear, const SrgbTables& tables) {
  const float value = linear > 0 ? (linear < 1 ? linear : 1) : 0;
  const Byte level = tables.first[static_cast<int>(value * 4096)];
  return static_cast<Byte>(level + (value >= tables.next[level] ? 1 : 0));
}

/// \param color  premultiplied linear light in [0, 1]
void write_pixel(v128_t color, const SrgbTables& tables, Byte* pixel) {
  constexpr float kMinAlpha = 0.5F / 255;
  const float given = wasm_f32x4_extract_lane(color, 3);
  if (!(given >= kMinAlpha)) {
    pixel[0] = pixel[1] = pixel[2] = pixel[3] = 0;
    return;
  }
  const float alpha = given < 1 ? given : 1;
  const v128_t straight = wasm_f32x4_div(color, wasm_f32x4_splat(alpha));
  pixel[0] = level_of(wasm_f32x4_extract_lane(straight, 0), tables);
  pixel[1] = level_of(wasm_f32x4_extract_lane(straight, 1), tables);
  pixel[2] = level_of(wasm_f32x4_extract_lane(straight, 2), tables);
  pixel[3] = static_cast<Byte>(alpha * 255 + 0.5F);
}

/// Where a pixel's place, of all of which \p size are the frame, lies on an axis of a map.
Sample sample_at(float place, int size, int map_size) {
  const float scale = static_cast<float>(map_size) / static_cast<float>(size);
  return sample_of((place + 0.5F) * scale - 0.5F, map_size);
}

/// The image of [512][512][4] where the flow of pixel x, y leads.
v128_t warped(const float* image, int size, float x, float y, float flow_x, float flow_y) {
  const float half = static_cast<float>(size) / 2;
  return sample_map(image, size, sample_of(x + flow_x * half, size), sample_of(y + flow_y * half, size));
}

/// ((1 - alpha) (2 warped - 1) + drawn + 1) / 2, in [0, 1].
/// \param from   warped
/// \param given  alpha
void write_blended(v128_t from, float given, v128_t drawn, const SrgbTables& tables, Byte* pixel) {
  const float alpha = given > 0 ? (given < 1 ? given : 1) : 0;
  const v128_t kept = wasm_f32x4_mul(from, wasm_f32x4_splat(1 - alpha));
  const v128_t added = wasm_f32x4_mul(wasm_f32x4_add(drawn, wasm_f32x4_splat(alpha)), wasm_f32x4_splat(0.5F));
  write_pixel(wasm_f32x4_add(kept, added), tables, pixel);
}

}  // namespace

extern "C" {

/// outputs = weights [outputs][inputs] * in + biases.
/// \param inputs  a multiple of 4
void linear(float* out, const float* in, const float* weights, const float* biases, int outputs, int inputs) {
  for (int output = 0; output < outputs; ++output, weights += inputs) {
    v128_t sums[2] = {wasm_f32x4_splat(0), wasm_f32x4_splat(0)};
    int i = 0;
    for (; i + 8 <= inputs; i += 8) {
      add_to(sums[0], load(weights + i), load(in + i));
      add_to(sums[1], load(weights + i + 4), load(in + i + 4));
    }
    if (i < inputs) add_to(sums[0], load(weights + i), load(in + i));
    out[output] = biases[output] + sum_of(wasm_f32x4_add(sums[0], sums[1]));
  }
}

/// sums [count] += the sum of bases [bases][count] times their weights.
/// \param count  a multiple of 16
void sum_bases(float* sums, const Short* integers, const float* weights, int bases, int count) {
  for (int begin = 0; begin < count; begin += 16) {
    v128_t values[4];
    for (int i = 0; i < 4; ++i) values[i] = load(sums + begin + 4 * i);
    for (int basis = 0; basis < bases; ++basis) {
      if (weights[basis] == 0) continue;
      const v128_t weight = wasm_f32x4_splat(weights[basis]);
      const Short* const place = integers + static_cast<long>(basis) * count + begin;
      for (int i = 0; i < 4; ++i) {
        add_to(values[i], wasm_f32x4_convert_i32x4(wasm_i32x4_load16x4(place + 4 * i)), weight);
      }
    }
    for (int i = 0; i < 4; ++i) wasm_v128_store(sums + begin + 4 * i, values[i]);
  }
}

/// Tile [channels][side][side] to a map of [size][size][4], from channel 0 on, beginning at \p map.
void put_tile(float* map, const float* tile, int channels, int side, int size) {
  for (int channel = 0; channel < channels; ++channel) {
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) map[(y * size + x) * 4 + channel] = *tile++;
    }
  }
}

/// Rows of a blendshape's frame.
/// \param flow         [map_size][map_size][4]: x, y, alpha, 0
/// \param drawn        [map_size][map_size][4], alpha times colours in [-1, 1]
/// \param image        [size][size][4] in [0, 1]
/// \param row_of_maps  room for a row of both maps, [map_size][8]
void blend_rows(Byte* pixels, const float* image, const float* flow, const float* drawn, int map_size,
                int size, int first_row, int rows, float* row_of_maps, const float* next, const Byte* first) {
  const SrgbTables tables{next, first};
  const float scale = static_cast<float>(map_size) / static_cast<float>(size);
  for (int y = first_row; y < first_row + rows; ++y) {
    const Sample row = sample_of((static_cast<float>(y) + 0.5F) * scale - 0.5F, map_size);
    mix_rows(row_of_maps, flow, row, map_size);
    mix_rows(row_of_maps + 4, drawn, row, map_size);
    Byte* pixel = pixels + static_cast<long>(y) * size * 4;
    for (int x = 0; x < size; ++x, pixel += 4) {
      const Sample column = sample_of((static_cast<float>(x) + 0.5F) * scale - 0.5F, map_size);
      const float* const left = row_of_maps + 8 * column.cell;
      const float* const right = row_of_maps + 8 * column.next;
      const v128_t move = mix(load(left), load(right), column.fraction);
      const v128_t from = warped(image, size, static_cast<float>(x), static_cast<float>(y),
                                 wasm_f32x4_extract_lane(move, 0), wasm_f32x4_extract_lane(move, 1));
      write_blended(from, wasm_f32x4_extract_lane(move, 2),
                    mix(load(left + 4), load(right + 4), column.fraction), tables, pixel);
    }
  }
}

/// The same where maps are sampled where a motion leads.
/// \param motion  [motion_size][motion_size][4]: x, y
/// \param flow    [flow_size][flow_size][4]: x, y
/// \param alpha   [map_size][map_size][4], its third
void moved_rows(Byte* pixels, const float* image, const float* motion, int motion_size, const float* flow,
                int flow_size, const float* alpha, const float* drawn, int map_size, int size, int first_row,
                int rows, const float* next, const Byte* first) {
  const SrgbTables tables{next, first};
  const float half = static_cast<float>(size) / 2;
  for (int y = first_row; y < first_row + rows; ++y) {
    const Sample row = sample_at(static_cast<float>(y), size, motion_size);
    Byte* pixel = pixels + static_cast<long>(y) * size * 4;
    for (int x = 0; x < size; ++x, pixel += 4) {
      const v128_t led =
          sample_map(motion, motion_size, sample_at(static_cast<float>(x), size, motion_size), row);
      const float at_x = static_cast<float>(x) + wasm_f32x4_extract_lane(led, 0) * half;
      const float at_y = static_cast<float>(y) + wasm_f32x4_extract_lane(led, 1) * half;
      const v128_t move =
          sample_map(flow, flow_size, sample_at(at_x, size, flow_size), sample_at(at_y, size, flow_size));
      const v128_t from =
          warped(image, size, at_x, at_y, wasm_f32x4_extract_lane(move, 0), wasm_f32x4_extract_lane(move, 1));
      const Sample map_x = sample_at(at_x, size, map_size), map_y = sample_at(at_y, size, map_size);
      const v128_t given = sample_map(alpha, map_size, map_x, map_y);
      write_blended(from, wasm_f32x4_extract_lane(given, 2), sample_map(drawn, map_size, map_x, map_y),
                    tables, pixel);
    }
  }
}

/// A layer of a SIREN for 16 pixels.
/// \param weights   [outputs / 4][inputs][4]
/// \param in        [inputs][16]
/// \param out       [outputs][16]
/// \param outputs   a multiple of 4
/// \param has_sine  else the sums themselves
void siren_layer(float* out, const float* in, const float* weights, const float* biases, int inputs,
                 int outputs, int has_sine) {
  for (int output = 0; output < outputs; output += 4, weights += 4 * inputs) {
    v128_t sums[4][4];
    for (int n = 0; n < 4; ++n) {
      for (int part = 0; part < 4; ++part) sums[n][part] = wasm_f32x4_splat(biases[output + n]);
    }
    for (int i = 0; i < inputs; ++i) {
      for (int n = 0; n < 4; ++n) {
        const v128_t weight = wasm_v128_load32_splat(weights + 4 * i + n);
        for (int part = 0; part < 4; ++part) add_to(sums[n][part], load(in + 16 * i + 4 * part), weight);
      }
    }
    for (int n = 0; n < 4; ++n) {
      for (int part = 0; part < 4; ++part) {
        const v128_t value = has_sine != 0 ? sine(sums[n][part]) : sums[n][part];
        wasm_v128_store(out + 16 * (output + n) + 4 * part, value);
      }
    }
  }
}

/// The first layer of a level for 16 pixels.
/// \param places     [16][2], x and y of each pixel
/// \param size       of the level
/// \param positions  [2][width]
/// \param biases     [width], with the pose's term
/// \param below      [below_size][below_size][width] of the level before, or null
void siren_first_layer(float* out, const int* places, int size, const float* positions, const float* biases,
                       int width, const float* below, int below_size) {
  const float step = 2.0F / static_cast<float>(size);
  const float scale = static_cast<float>(below_size) / static_cast<float>(size);
  for (int pixel = 0; pixel < 16; ++pixel) {
    const float x = static_cast<float>(places[2 * pixel]) + 0.5F,
                y = static_cast<float>(places[2 * pixel + 1]) + 0.5F;
    const v128_t at_x = wasm_f32x4_splat(x * step - 1), at_y = wasm_f32x4_splat(y * step - 1);
    const Sample column = sample_of(x * scale - 0.5F, below_size),
                 row = sample_of(y * scale - 0.5F, below_size);
    const auto cell = [&](int row_of, int column_of) {
      return below + (static_cast<long>(row_of) * below_size + column_of) * width;
    };
    for (int n = 0; n < width; n += 4) {
      v128_t sum = load(biases + n);
      add_to(sum, load(positions + n), at_x);
      add_to(sum, load(positions + width + n), at_y);
      if (below != nullptr) {
        const v128_t upper = mix(load(cell(row.cell, column.cell) + n), load(cell(row.cell, column.next) + n),
                                 column.fraction);
        const v128_t lower = mix(load(cell(row.next, column.cell) + n), load(cell(row.next, column.next) + n),
                                 column.fraction);
        sum = wasm_f32x4_add(sum, mix(upper, lower, row.fraction));
      }
      const v128_t value = sine(sum);
      out[16 * n + pixel] = wasm_f32x4_extract_lane(value, 0);
      out[16 * (n + 1) + pixel] = wasm_f32x4_extract_lane(value, 1);
      out[16 * (n + 2) + pixel] = wasm_f32x4_extract_lane(value, 2);
      out[16 * (n + 3) + pixel] = wasm_f32x4_extract_lane(value, 3);
    }
  }
}

/// Values [channels][16] of 16 pixels to a map of [size][size][channels].
void put_pixels(float* map, const float* values, const int* places, int channels, int size) {
  for (int pixel = 0; pixel < 16; ++pixel) {
    float* const place =
        map + (static_cast<long>(places[2 * pixel + 1]) * size + places[2 * pixel]) * channels;
    for (int channel = 0; channel < channels; ++channel) place[channel] = values[16 * channel + pixel];
  }
}

/// Rows of a SIREN's frame.
/// \param drawn  [drawn_size][drawn_size][8]: flow, alpha, direct, 0
void siren_rows(Byte* pixels, const float* image, const float* drawn, int drawn_size, int size, int first_row,
                int rows, const float* next, const Byte* first) {
  const SrgbTables tables{next, first};
  const float scale = static_cast<float>(drawn_size) / static_cast<float>(size);
  for (int y = first_row; y < first_row + rows; ++y) {
    const Sample row = sample_of((static_cast<float>(y) + 0.5F) * scale - 0.5F, drawn_size);
    Byte* pixel = pixels + static_cast<long>(y) * size * 4;
    for (int x = 0; x < size; ++x, pixel += 4) {
      const Sample column = sample_of((static_cast<float>(x) + 0.5F) * scale - 0.5F, drawn_size);
      v128_t values[2];
      for (int half = 0; half < 2; ++half) {
        const auto at = [&](int row_of, int column_of) {
          return load(drawn + (static_cast<long>(row_of) * drawn_size + column_of) * 8 + 4 * half);
        };
        values[half] =
            mix(mix(at(row.cell, column.cell), at(row.cell, column.next), column.fraction),
                mix(at(row.next, column.cell), at(row.next, column.next), column.fraction), row.fraction);
      }
      const float alpha = wasm_f32x4_extract_lane(values[0], 2);
      const v128_t from =
          warped(image, size, static_cast<float>(x), static_cast<float>(y),
                 wasm_f32x4_extract_lane(values[0], 0), wasm_f32x4_extract_lane(values[0], 1));
      const v128_t direct = wasm_i32x4_shuffle(values[0], values[1], 3, 4, 5, 6);
      const v128_t color =
          wasm_f32x4_mul(wasm_f32x4_add(direct, wasm_f32x4_splat(1)), wasm_f32x4_splat(0.5F));
      write_pixel(mix(from, color, alpha), tables, pixel);
    }
  }
}

}  // extern "C"
