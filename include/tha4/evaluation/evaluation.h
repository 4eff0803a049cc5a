#pragma once

#include <span>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "tha4/base/context.h"
#include "tha4/distributed/process_group.h"
#include "tha4/evaluation/score_table.h"
#include "tha4/evaluation/teacher_part.h"
#include "tha4/evaluation/test_triples.h"
#include "tha4/image/compositing.h"
#include "tha4/metrics/picture_metrics.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// How frames are compared.
struct Evaluation {
  /// Of seen pictures; its LPIPS is on the device of what is evaluated. Where PSNR is one of them, the
  /// network PSNR is measured beside it.
  PictureMetrics metrics;
  SrgbColor background{};  ///< of seen pictures
  int batch = 1;           ///< frames that are made at a time
};

/// Compares \p student with \p teacher in \p poses (paper section 5.3), telling \p context how far it is. One
/// subject: "student". Throws InterruptedError where \p context asks for a stop.
ScoreTable evaluate_student(Poser& teacher, Poser& student, std::span<const Pose> poses,
                            const Evaluation& evaluation, const Context& context = {});

/// Compares what \p part of a teacher on \p device makes with what this process' share of \p triples, which
/// must be showing() that part, show (paper section 4.3.1), telling \p context how far it is. Subjects:
/// "teacher", and "rest image", what not moving at all would score. Of a face, the last score is the PSNR of
/// the pixels that move. Throws as evaluate_student() does.
ScoreTable evaluate_teacher(const FrameMaker& teacher, TeacherPart part, c10::Device device,
                            TestTriples& triples, const Evaluation& evaluation, const Context& context = {});

/// Gives every process the rows of all processes, in the order of their images. Collective.
void gather_rows(ScoreTable& table, ProcessGroup& group);

}  // namespace tha4
