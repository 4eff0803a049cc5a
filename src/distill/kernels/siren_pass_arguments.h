#pragma once

// The arguments of the kernels that train a SIREN, by name. The functions that launch them include this file,
// and each program's text begins with it, so that both sides read one declaration.
//
// Values of pixels are kept as [pixel][channel], pixels being those of all windows one after the other. Of
// each 16 channels, those number 0, 1, 8, 9, 2, 3, 10, 11 and so on lie next to each other: the four that a
// thread has of a product of the tensor cores. "Shuffled" says so below.

namespace tha4::kernels {

constexpr int kMaxSineLayers = 16;

/// A square window of one of the teacher's frames: its upper left corner, in pixels of the finest level.
struct SirenWindow {
  int frame;
  int x;
  int y;
};

/// What changes from step to step. It lies in the device's memory, where a captured step reads it.
struct SirenStep {
  float flow, warped, direct, final;  ///< weights of the loss's terms
  float squared;                      ///< and of the final image's squared error, or the face's
  float masked;                       ///< λ_fm: of the difference inside the face mask
  float learning_rate;
  float beta1, beta2;
  float correction1, correction2;  ///< of Adam's moments: 1 - beta^step
  float max_norm;                  ///< that gradients are scaled down to; 0: never
  float average_decay;
};

/// Takes the next of the steps that are planned.
struct SirenNextStep {
  static constexpr const char* kKernel = "siren_next_step";

  const int* plan;  ///< [step][windows, then settings]
  int* next;        ///< which step that is
  int* windows;
  int window_numbers;
  int* step;
  int step_numbers;
};

/// The pixels of one level at which a step looks.
struct SirenPixels {
  const SirenWindow* windows;
  int count;       ///< of windows
  int factor;      ///< pixels of the finest level along a side of one of this level
  int offset;      ///< of the window's begin at this level, from that of the finest one
  int size;        ///< along a side of the window
  int resolution;  ///< along a side of the whole frame
};

/// The layers of one level, at all pixels.
struct SirenForward {
  static constexpr const char* kKernel = "siren_forward";

  SirenPixels at;
  int tiles;                 ///< of pixels, as many as a warp takes
  const void* weights;       ///< float16, of the layers after the first, in the order of their use
  const float* biases;       ///< of these layers, each padded to whole steps; shuffled
  const float* of_position;  ///< [2][channels]: of x and y, of the first layer; shuffled
  const float* of_pose;      ///< [window][channels]: the pose's term and the bias; shuffled

  const float* map;  ///< [pixel of the level before][channels], which is added; shuffled
  int map_offset;
  int map_size;
  int map_resolution;

  void* arguments[kMaxSineLayers];  ///< of the sines, float16, between -π and π; shuffled
  float* results;  ///< [pixel][8] of the last level, or a map [pixel][channels] for the next one, shuffled
};

/// From the gradient of a level's results to those of its sines' arguments.
struct SirenBackward {
  static constexpr const char* kKernel = "siren_backward";

  int tiles;
  const void* weights;  ///< bfloat16, transposed, of the layers from the last one down to the second
  const void* arguments[kMaxSineLayers];
  const void* of_results;              ///< bfloat16, shuffled
  void* of_arguments[kMaxSineLayers];  ///< bfloat16, shuffled
};

/// The gradient of a map's cells, from that of the pixels which sample it.
struct SirenMapGradient {
  static constexpr const char* kKernel = "siren_map_gradient";

  int windows;
  int channels;
  int fine_offset, fine_size, fine_resolution;
  int coarse_offset, coarse_size, coarse_resolution;
  int factor;  ///< pixels of the finest level along a side of a cell
  const SirenWindow* at;
  const void* of_arguments;  ///< bfloat16 [fine pixel][channels]
  void* of_map;              ///< bfloat16 [cell][channels]
};

/// Parts of the sums over pixels that are the gradient of a layer's weights, and of its biases.
struct SirenWeightGradient {
  static constexpr const char* kKernel = "siren_weight_gradient";

  int tiles;               ///< of pixels, as many as are multiplied at a time
  const void* of_outputs;  ///< bfloat16 [pixel][outputs]
  const void* arguments;   ///< float16 [pixel][inputs]: those of the sines that are the layer's inputs
  int outputs, inputs;     ///< padded
  float* parts;            ///< [part][outputs][inputs], then [outputs] of biases

  SirenPixels at;           ///< of a first layer, whose inputs are positions and poses
  const void* pose_inputs;  ///< bfloat16 [window][inputs], the first four of which stand for the position
};

/// Of each window, the pose's term in the sums of the first layer.
struct SirenPoseTerm {
  static constexpr const char* kKernel = "siren_pose_term";

  const SirenWindow* windows;
  const float* poses;  ///< [frame][pose size]
  int pose_size;
  int channels;
  const float* weights;  ///< [2 + pose size + 1][channels]: of x and y, of the pose, biases
  float* terms;          ///< [window][channels]
  void* inputs;          ///< bfloat16 [window][input count]: the pose, after four zeros
  int input_count;
};

/// Where the parts of one layer's gradient lie.
struct SirenGradientParts {
  const float* parts;
  int count;
  int size;     ///< of one of them
  int offset;   ///< of their sum, in the list of all gradients
  float scale;  ///< of the gradient: how the parameter's weights enter the sums
};

struct SirenGradientSum {
  static constexpr const char* kKernel = "siren_gradient_sum";

  const SirenGradientParts* layers;
  bool adds;  ///< to the gradients that are there, of the step's other pixels
  float* gradients;
  float* squares;  ///< of each block
};

/// Where a parameter has its gradient, and where kernels read it. -1: nowhere.
struct SirenParameter {
  int gradient;
  int second_gradient;  ///< which is added
  int forward;          ///< in the float16 weights
  int backward;         ///< in the transposed bfloat16 weights
  int plain;            ///< in the float32 weights of first layers and in the biases
  float scale;          ///< of it, there
};

/// Which way a step of Adam goes; where SOAP finds the way (siren_soap.cu), the gradient that it begins with.
struct SirenDirection {
  static constexpr const char* kKernel = "siren_direction";

  const SirenStep* step;
  int count;
  const SirenParameter* table;
  const float* gradients;
  const float* squares;
  int squares_count;
  float* moment1;
  float* moment2;
  const unsigned char* is_rotated;  ///< whether SOAP finds a parameter's way; null: none
  float* clipped;                   ///< the gradients of those
  float* directions;                ///< of the others
  int* is_taken;                    ///< whether the step is: all gradients are numbers
};

/// One step that way, with the average of the weights over steps, and the copies that kernels read.
struct SirenUpdate {
  static constexpr const char* kKernel = "siren_update";

  const SirenStep* step;
  const int* is_taken;
  int count;
  const SirenParameter* table;
  const float* directions;
  float* parameters;
  float* average;
  void* forward;
  void* backward;
  float* plain;
};

/// A matrix of weights whose way SOAP finds.
struct SirenSoapMatrix {
  int offset;  ///< in the parameters
  int rows, columns;
  int left, right;  ///< in the bases and statistics, [rows][rows] and [columns][columns]
};

/// A tile of a product of matrices.
struct SirenSoapTile {
  int matrix;
  int product;
  int row, column;
};

constexpr int kSoapTileSide = 64;

/// The steps of SOAP, each of them all matrices' products that need no other's.
struct SirenSoap {
  const SirenStep* step;
  const int* is_taken;
  const SirenSoapMatrix* matrices;
  const SirenSoapTile* tiles;
  const float* gradients;
  const float* moment1;
  float* moment2;      ///< of the rotated gradients
  const float* bases;  ///< columns are eigenvectors
  float* statistics;
  float* rotated_gradients;  ///< as are the next two, as long as the parameters
  float* rotated_moments;
  float* directions;
  float decay;  ///< of the statistics, a step
};
/// Statistics, and rows of gradients and moments into their basis.
struct SirenSoapRows : SirenSoap {
  static constexpr const char* kKernel = "siren_soap_rows";
};
/// Columns as well, and there a step of Adam.
struct SirenSoapColumns : SirenSoap {
  static constexpr const char* kKernel = "siren_soap_columns";
};
/// Back: rows, then columns.
struct SirenSoapRowsBack : SirenSoap {
  static constexpr const char* kKernel = "siren_soap_rows_back";
};
struct SirenSoapColumnsBack : SirenSoap {
  static constexpr const char* kKernel = "siren_soap_columns_back";
};

/// Frames are kept tile by tile: of so many pixels along a side, in so many bytes each (float16 [pixel][2] of
/// flow, then uint8 [pixel][4] of direct colours, then uint8 [pixel] of alpha), so many in a piece of memory.
constexpr int kTileSide = 16;
constexpr int kTileBytes = 9 * kTileSide * kTileSide;
constexpr int kChunkTiles = 16384;

/// What a teacher made.
struct TeacherFrameStore {
  const int*
      tiles;  ///< [frame][size / side][size / side]: numbers; -1: nothing is drawn, flow does not matter
  const unsigned char* const* chunks;
  const void* faces;   ///< uint8 [frame][face size][face size][4]
  const float* image;  ///< [size][size][4]: at rest
  int size;
  int face_x, face_y, face_size;
};

/// The body's four-term loss (paper section 5.2.2) and its gradient.
struct BodyLoss {
  static constexpr const char* kKernel = "body_loss";

  const SirenStep* step;
  SirenPixels at;
  int step_pixels;  ///< of all passes of the step
  TeacherFrameStore teacher;
  const float* results;  ///< [pixel][8]
  void* of_results;      ///< bfloat16 [pixel][16], shuffled
  float* losses;         ///< [block][4]: sums of flow, warped, direct, final
  /// [cell][2]: to which the final errors, at most 4, of every fourth row of pixels, in 1/65536, and their
  /// number are added; may be null
  unsigned long long* cell_errors;
  int cell_pixels, cells;  ///< along a side of a cell, and of the frame
  int frame_cells;         ///< from a frame's first cell to the next one's; 0: frames share them
  bool direct_is_blended;  ///< whether the directly drawn image is compared with the teacher's blended one
  bool draws_frame;  ///< whether the first four results are the frame itself: alpha is 1, and the flow 0
};

/// The face's loss (paper section 5.2.1) and its gradient.
struct FaceLoss {
  static constexpr const char* kKernel = "face_loss";

  const SirenStep* step;
  SirenPixels at;
  int step_pixels;
  TeacherFrameStore teacher;
  const float* mask;  ///< [face size][face size]
  const float* results;
  void* of_results;
  float* losses;  ///< [block][4]: sums over the whole and inside the mask, 0, 0
};

/// Adds the blocks' losses to those of the steps before.
struct LossSum {
  static constexpr const char* kKernel = "loss_sum";

  const float* losses;
  int blocks;
  float* sums;  ///< [4]
};

}  // namespace tha4::kernels
